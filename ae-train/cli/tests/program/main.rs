//! The program as its users meet it: started as a process, in a folder of its own, on small data.

mod announced;
mod bad_arrays;
mod bad_blobs;
mod bad_data;
mod bad_settings;
mod boards;
mod contended;
mod damaged;
mod detect;
mod figures;
mod full_disk;
mod help;
mod killed;
mod machines;
mod monitor;
mod moved;
mod npy_bytes;
mod parts;
mod resume;
mod shapes;
mod signed;
mod small_disk;
mod stdout;
mod tampered;
mod train;
mod workshop;
