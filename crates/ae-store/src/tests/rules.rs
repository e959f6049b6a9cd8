//! What the store refuses.
