//! Burn, the engine, the blob and independent oracles compared with each other, one file a subject.
//!
//! They are one program, because each program is linked with all of Burn.

mod buffers;
mod burn_equivalence;
mod const_sizes;
mod corruption;
mod corruption_full;
mod corruption_proof;
mod coverage;
mod detector;
mod f32_order;
mod float_functions;
mod format_document;
mod golden;
mod hostile_blobs;
mod hostile_detection;
mod hostile_layers;
mod hostile_lengths;
mod hostile_spatial;
mod int8_oracle;
mod kit;
mod mutations;
mod one_value;
mod quantiser;
mod report_page;
mod report_words;
mod row_pairs;
mod self_test;
mod spatial_oracle;
