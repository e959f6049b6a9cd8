//! The program `soak`: does a board still compute what it should after a long time, and on the same
//! stack?

use ae_conformance::soak::{Inputs, Plan, Room, block};
use ae_core::Arithmetic;
use ae_infer::{Compute, InferError};
use embedded_io::Read;

use crate::arena::Memory;
use crate::board::Board;
use crate::gate::admit;
use crate::model::{Loaded, Program, with_model};
use crate::stack::{self, Painted};
use crate::text::{Line, words};

/// Reads a [`Plan`] from the line to the host, carries it out, prints lines of `name=value` pairs,
/// and ends.
///
/// The first line is `soak:` with `board`, `core`, `kernel`, `contract`, and the plan: `seed`,
/// `blocks`, `inferences`. After every block comes a line:
///
/// | name | value |
/// | --- | --- |
/// | `block` | which one, from 1 |
/// | `digest` | the number of its results, see [`block`] |
/// | `stack_bytes` | most bytes of stack that anything took since the first line: inferences, digests, and printing; `too-many` where it took all that is watched |
pub fn run<B: Board>(mut board: B, memory: Memory) -> ! {
    let mut line = Line::new();
    let admitted = admit(&mut board);
    let soaked = admitted.and_then(|model| with_model(model, Soak(&mut board), memory));
    let success = match soaked {
        Ok(Ok(())) => true,
        Ok(Err(Stopped::NoPlan)) => {
            line.text("FAILED: the host sent no plan");
            false
        }
        Ok(Err(Stopped::Infer(error))) => {
            words(line.text("FAILED: "), &error, "the model cannot be run");
            false
        }
        Err(unusable) => {
            line.text("FAILED: ").reason(&unusable);
            false
        }
    };
    if !success {
        board.print(line.as_str());
    }
    board.exit(success)
}

/// Why the plan was not carried out.
enum Stopped {
    NoPlan,
    Infer(InferError),
}

struct Soak<'b, B>(&'b mut B);

impl<B: Board> Program for Soak<'_, B> {
    type Output = Result<(), Stopped>;

    // The stack is watched from this frame on.
    #[inline(never)]
    fn run<A: Compute<'static>>(self, loaded: Loaded<A>, _: Memory) -> Self::Output {
        let Soak(board) = self;
        let Loaded { model, pixels, reconstruction, scratch, .. } = loaded;
        let mut bytes = [0; Plan::LEN];
        board.port().read_exact(&mut bytes).map_err(|_| Stopped::NoPlan)?;
        let plan = Plan::from_bytes(bytes);
        let mut inputs = Inputs::new(plan.seed);
        let mut room = Room { pixels, reconstruction, scratch };

        let stack = Painted::below();
        stack::run(|| {
            let mut line = Line::new();
            line.text("soak: board=").text(B::NAME).text(" core=").text(board.core());
            line.text(" kernel=").text(model.kernel());
            line.text(" contract=").text(<A as Arithmetic<'static>>::CONTRACT.name());
            line.text(" seed=").number(plan.seed).text(" blocks=").number(plan.blocks);
            line.text(" inferences=").number(plan.inferences);
            board.print(line.as_str());
        });
        let mut done = 0;
        while done < plan.blocks {
            let digest = stack::run(|| block(&model, &mut inputs, plan.inferences, &mut room))
                .map_err(Stopped::Infer)?;
            done += 1;
            let stack_bytes = stack.taken_bytes();
            stack::run(|| {
                let mut line = Line::new();
                line.text("block=").number(done).text(" digest=").hex(digest);
                line.text(" stack_bytes=").count(stack_bytes);
                board.print(line.as_str());
            });
        }
        Ok(())
    }
}
