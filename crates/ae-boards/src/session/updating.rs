//! Asking a board to take a new model.

use ae_protocol::{
    Answer, BeginUpdate, PendingModel, Request, RunningModel, UpdateGate, UpdateStatus, Verdict,
    WriteUpdate, number,
};

use super::{Patience, Session, SessionError};

/// What a board says of its models; see [`UpdateStatus`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoardModels {
    /// Name of the firmware's board.
    pub board: String,
    /// The model that runs.
    pub running: Option<RunningModel>,
    /// The least version that the board takes.
    pub least: u32,
    /// What is in the slot that is not confirmed.
    pub pending: PendingModel,
    /// The version of the last model that was tried and not confirmed.
    pub reverted: Option<u32>,
    /// Bytes of a slot.
    pub capacity: u32,
    /// Most bytes of a file in one request.
    pub chunk: u32,
    /// Which signed models it takes.
    pub gate: Option<UpdateGate>,
}

impl Session {
    /// What the board says of its models. It may be the first that it is asked.
    ///
    /// # Errors
    /// No answer, or a refusal: the board's program takes no updates.
    pub fn models(&mut self) -> Result<BoardModels, SessionError> {
        self.ask_status(Request::Status, &[], self.first)
    }

    /// Announces a file; how many bytes from its front the board has already.
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub fn begin_update(&mut self, len: u32, tag: u32) -> Result<u32, SessionError> {
        self.ask_offset(Request::Begin, &BeginUpdate { len, tag }.to_bytes())
    }

    /// Sends bytes of the file that belong at `offset`; how many from its front are there then.
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub fn write_update(
        &mut self,
        tag: u32,
        offset: u32,
        bytes: &[u8],
    ) -> Result<u32, SessionError> {
        let front = WriteUpdate { tag, offset }.to_bytes();
        self.ask_offset(Request::Write, &[&front, bytes].concat())
    }

    /// What the board makes of the file, now that all of it is there.
    ///
    /// # Errors
    /// No answer, or a refusal: some of it is missing.
    pub fn finish_update(&mut self, tag: u32) -> Result<Verdict, SessionError> {
        let wanted = Answer::Verdict;
        let payload = self.ask(Request::Finish, &tag.to_le_bytes(), wanted, self.patience)?;
        Verdict::from_bytes(&payload).ok_or(SessionError::Unexpected { kind: wanted as u8 })
    }

    /// Has the board run the candidate of this version; what it says then.
    ///
    /// # Errors
    /// No answer, or a refusal: there is no such candidate.
    pub fn try_update(&mut self, version: u32) -> Result<BoardModels, SessionError> {
        self.ask_status(Request::Try, &version.to_le_bytes(), self.patience)
    }

    /// Confirms the model of this version, which runs; what the board says then.
    ///
    /// # Errors
    /// No answer, or a refusal: another model runs.
    pub fn confirm_update(&mut self, version: u32) -> Result<BoardModels, SessionError> {
        self.ask_status(Request::Confirm, &version.to_le_bytes(), self.patience)
    }

    fn ask_offset(&mut self, request: Request, payload: &[u8]) -> Result<u32, SessionError> {
        let wanted = Answer::Offset;
        let answer = self.ask(request, payload, wanted, self.patience)?;
        number(&answer).ok_or(SessionError::Unexpected { kind: wanted as u8 })
    }

    fn ask_status(
        &mut self,
        request: Request,
        payload: &[u8],
        patience: Patience,
    ) -> Result<BoardModels, SessionError> {
        let wanted = Answer::Status;
        let answer = self.ask(request, payload, wanted, patience)?;
        let status = UpdateStatus::from_bytes(&answer);
        let status = status.ok_or(SessionError::Unexpected { kind: wanted as u8 })?;
        Ok(BoardModels {
            board: status.board.to_owned(),
            running: status.running,
            least: status.least,
            pending: status.pending,
            reverted: status.reverted,
            capacity: status.capacity,
            chunk: status.chunk,
            gate: status.gate,
        })
    }
}
