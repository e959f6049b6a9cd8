//! A board whose power is cut in every operation of its flash.

mod board;
mod cuts;
mod faults;
mod models;
mod rules;
