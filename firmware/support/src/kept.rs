//! What goes along with a board's detector, as bytes for a memory that outlasts a reset.
//!
//! | bytes | what |
//! | --- | --- |
//! | 16 | id of the model whose scores these are |
//! | 23 | what the host asked for, a [`CompanionsRecord`], which is the plan's bytes |
//! | as many as the plan takes | what was learnt, as [`ae_infer::CompanionsIn::write_state`] gives it |

use ae_core::Detection;
use ae_infer::BETS;
use ae_protocol::CompanionsRecord;

use crate::company::{Company, begin};

const SCORES: usize = 4 + 8 * CompanionsRecord::KEPT;
const DRIFT: usize = 4 + 12 * CompanionsRecord::EDGES + 4 + 4 + 8 * BETS;
/// Most bytes that are kept.
pub const LEN: usize = ID + CompanionsRecord::LEN + 2 * SCORES + DRIFT;
const ID: usize = 16;

/// What a host asked for, as it was sent.
pub(crate) type Asked = [u8; CompanionsRecord::LEN];

/// Writes all to the front of `place`, and gives the number of bytes.
// Once in a program, and off the stack while a window is judged.
#[inline(never)]
pub(crate) fn write(id: &[u8; ID], asked: &Asked, of: &Company, place: &mut [u8; LEN]) -> usize {
    let Some((head, rest)) = place.split_first_chunk_mut::<ID>() else { return 0 };
    *head = *id;
    let Some((plan, rest)) = rest.split_first_chunk_mut() else { return 0 };
    *plan = *asked;
    let state = of.state_len();
    // The longest state has room.
    match rest.get_mut(..state).map(|place| of.write_state(place)) {
        Some(Ok(())) => ID.saturating_add(CompanionsRecord::LEN).saturating_add(state),
        _ => 0,
    }
}

/// Goes on with what was kept. Gives what the host asked for, or `None` where nothing goes on: nothing
/// was kept, or not of this model, or it cannot be.
#[inline(never)]
pub(crate) fn resume(
    company: &mut Company,
    id: &[u8; ID],
    bytes: &[u8],
    detection: &Detection<'_>,
) -> Option<Asked> {
    let (head, bytes) = bytes.split_first_chunk::<ID>()?;
    let (asked, state) = bytes.split_first_chunk::<{ CompanionsRecord::LEN }>()?;
    if head != id {
        return None;
    }
    if begin(company, asked, detection).is_err() || company.read_state(state).is_err() {
        *company = Company::NONE;
        return None;
    }
    Some(*asked)
}
