//! The real programs on loopback: a scheduler, two executors and a client.

mod absent;
mod archive;
mod deployment;
mod equality;
mod folder;
mod killed;
mod models;
mod programs;
mod windows;
