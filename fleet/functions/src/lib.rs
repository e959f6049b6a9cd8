//! The functions of DataFusion that score windows as boards do.
