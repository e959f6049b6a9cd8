//! New models over the line, on the side of the board: what a host asks by `ae-protocol` becomes
//! calls of `ae-store`.
//!
//! [`Updates::answer`] takes one request whose frame came whole, and says what to answer. It reads no
//! line and writes none, so it serves a UART, a radio or a bus alike. Every request may come twice,
//! late or out of order: each says what it is about, by the tag of its file and the place in it, or
//! by the version of a model.
//!
//! [`Admission`] is the check that it is given: signature, purpose, version, load, self-test.
//!
//! ```
//! use ae_infer::Int8Autoencoder;
//! use ae_protocol::Request;
//! use ae_store::{MappedFlash, Slots, Store};
//! use ae_update::{Admission, Installed, Next, Reply, Updates};
//! use embedded_storage::nor_flash::NorFlash;
//!
//! /// Receives requests and sends answers, by whatever line the board has.
//! trait Line {
//!     fn receive<'b>(&mut self, buffer: &'b mut [u8]) -> (Request, &'b [u8]);
//!     fn send(&mut self, reply: &Reply);
//! }
//!
//! fn run<const N: usize>(
//!     mut line: impl Line,
//!     mut store: Store<impl NorFlash, N>,
//!     mut slots: Slots<impl MappedFlash>,
//!     mut admission: Admission<'_>,
//! ) {
//!     let mut updates = Updates::new("my-board", slots.capacity(), 512, admission.gate());
//!     let (mut buffer, mut reply) = ([0; 512 + 8], Reply::new());
//!     loop {
//!         // Choose the model that runs: the confirmed one, or a candidate on trial.
//!         let booted = store.boot(&slots, &mut admission);
//!         updates.booted(booted.as_ref().ok().map(Installed::of));
//!         // A model lives as long as nothing is written; here it judges windows.
//!         drop(booted);
//!         loop {
//!             let (request, payload) = line.receive(&mut buffer);
//!             let next = updates.answer(
//!                 request, payload, &mut store, &mut slots, &mut admission, &mut reply,
//!             );
//!             match next {
//!                 // The candidate runs from here on, and the host hears of it then.
//!                 Next::Boot => break,
//!                 Next::Send => line.send(&reply),
//!             }
//!         }
//!     }
//! }
//! ```
#![no_std]
#![forbid(unsafe_code)]
// No input may bring this code down; `clippy.toml` has the rest. The same in all crates for boards.
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::as_underscore,
        clippy::disallowed_methods,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::missing_panics_doc,
        clippy::multiple_unsafe_ops_per_block,
        clippy::panic,
        clippy::panic_in_result_fn,
        clippy::string_slice,
        clippy::todo,
        clippy::unimplemented,
        clippy::unreachable,
        clippy::unwrap_in_result,
        clippy::unwrap_used,
    )
)]

mod admission;
mod reply;
mod updates;

pub use admission::Admission;
pub use reply::Reply;
pub use updates::{Installed, Next, Updates};
