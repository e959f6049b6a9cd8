//! A cluster of executors that know the functions.
