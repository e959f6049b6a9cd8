//! One shard of a batch on its way through the network and back.
//!
//! With `h₀ = x`, `zᵢ = hᵢ·Wᵢ + bᵢ` and `hᵢ₊₁ = f(zᵢ)`, and `gᵢ` the gradient
//! of the loss at `zᵢ`: the gradient at `Wᵢ` is `hᵢᵀ·gᵢ`, at `bᵢ` the sum of
//! `gᵢ` over samples, and `gᵢ₋₁ = (gᵢ·Wᵢᵀ) ⊙ f′(zᵢ₋₁)`.
//!
//! At a layer that is normalised over the whole batch a pass stops, in either
//! direction, and says the sums of its shard. It goes on with those of all shards.

mod backward;
mod forward;

pub(super) use backward::Backward;
pub(super) use forward::Forward;
