//! The requests of a host, one after the other.

use ae_infer::Int8Autoencoder;
use ae_protocol::{
    Answer, BeginUpdate, PendingModel, Request, RunningModel, UpdateGate, UpdateStatus, Verdict,
    VerdictReason, WriteUpdate, number,
};
use ae_store::{Boot, FinishError, MappedFlash, Pending, Slot, Slots, Store, Transfer, Verify};
use embedded_storage::nor_flash::NorFlash;

use crate::reply::Reply;

/// What a program does behind [`Updates::answer`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Next {
    /// Sends the reply.
    Send,
    /// Boots from the store, calls [`Updates::booted`], and sends what [`Updates::status`] then says.
    Boot,
}

/// A model that was booted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Installed {
    slot: Slot,
    version: u32,
    bytes: u32,
    checksum: u32,
}

impl Installed {
    /// What is told of a model that was booted.
    #[must_use]
    pub fn of(boot: &Boot<Int8Autoencoder<'_>>) -> Self {
        let header = boot.model.model().header();
        let (bytes, checksum) = (header.total_len, header.checksum);
        Self { slot: boot.slot, version: boot.version, bytes, checksum }
    }
}

/// Serves a host that brings a new model.
pub struct Updates<'b> {
    board: &'b str,
    capacity: u32,
    chunk: u32,
    gate: Option<UpdateGate>,
    least: u32,
    running: Option<Installed>,
    /// The tag of the last file that was checked, its length, and what came of it: the host may not
    /// have heard.
    checked: Option<(BeginUpdate, Verdict)>,
}

impl<'b> Updates<'b> {
    /// Of a board of this name, for files of up to `capacity` bytes, which is that of its slots, in
    /// pieces of up to `chunk` bytes; `gate` is that of its [`Admission`](crate::Admission).
    #[must_use]
    pub fn new(
        board: &'b str,
        capacity: u32,
        chunk: u32,
        (gate, least): (Option<UpdateGate>, u32),
    ) -> Self {
        Self { board, capacity, chunk, gate, least, running: None, checked: None }
    }

    /// This model runs now, or none.
    pub fn booted(&mut self, running: Option<Installed>) {
        self.running = running;
        self.checked = None;
    }

    /// Answers one request.
    pub fn answer<S, F, V, const N: usize>(
        &mut self,
        request: Request,
        payload: &[u8],
        store: &mut Store<S, N>,
        slots: &mut Slots<F>,
        verify: &mut V,
        reply: &mut Reply,
    ) -> Next
    where
        S: NorFlash,
        F: MappedFlash,
        V: Verify<Error = Verdict>,
    {
        let number = number(payload);
        match request {
            Request::Status => self.status(store, reply),
            Request::Begin => match BeginUpdate::from_bytes(payload) {
                Some(file) => self.begin(file, store, slots, reply),
                None => reply.refuse(&"beginning takes a length and a tag: 8 bytes"),
            },
            Request::Write => match WriteUpdate::split(payload) {
                Some((at, bytes)) => write(at, bytes, store, slots, reply),
                None => reply.refuse(&"writing takes a tag, an offset, and at least one byte"),
            },
            Request::Finish => match number {
                Some(tag) => self.finish(tag, store, slots, verify, reply),
                None => reply.refuse(&"finishing takes a tag: 4 bytes"),
            },
            Request::Try => match number {
                Some(version) => return self.try_candidate(version, store, reply),
                None => reply.refuse(&"trying takes a model version: 4 bytes"),
            },
            Request::Confirm => match number {
                Some(version) => self.confirm(version, store, reply),
                None => reply.refuse(&"confirming takes a model version: 4 bytes"),
            },
            other => reply.refuse(&format_args!("request {} is none of an update", other as u8)),
        }
        Next::Send
    }

    /// Says what is known of the board's models.
    pub fn status<S: NorFlash, const N: usize>(&self, store: &Store<S, N>, reply: &mut Reply) {
        let state = store.state();
        let running = self.running.map(|it| RunningModel {
            slot: u8::from(it.slot == Slot::B),
            version: it.version,
            bytes: it.bytes,
            checksum: it.checksum,
            is_trial: store.is_trial(),
        });
        let pending = match state.pending {
            Pending::Nothing => PendingModel::Nothing,
            Pending::Receiving(Transfer { len, tag, received }) => {
                PendingModel::Receiving { len, tag, received }
            }
            Pending::Candidate { version, .. } => PendingModel::Candidate { version },
            Pending::Tried { version, .. } => PendingModel::Tried { version },
        };
        let status = UpdateStatus {
            board: self.board,
            running,
            least: store.least().max(self.least),
            pending,
            reverted: state.reverted,
            capacity: self.capacity,
            chunk: self.chunk,
            gate: self.gate,
        };
        let mut buffer = [0; UpdateStatus::MAX_LEN];
        match status.to_bytes(&mut buffer) {
            Some(bytes) => reply.set(Answer::Status, bytes),
            None => reply.refuse(&"the board's name is too long for a status"),
        }
    }

    fn begin<S: NorFlash, F: MappedFlash, const N: usize>(
        &mut self,
        file: BeginUpdate,
        store: &mut Store<S, N>,
        slots: &mut Slots<F>,
        reply: &mut Reply,
    ) {
        // A host that has not heard that its file is the candidate begins again: all of it is there.
        let is_candidate = matches!(store.state().pending, Pending::Candidate { .. });
        if is_candidate
            && let Some((checked, _)) = self.checked
            && checked == file
        {
            return offset(file.len, reply);
        }
        self.checked = None;
        match store.update(slots).begin(file.len, file.tag) {
            Ok(there) => offset(there, reply),
            Err(error) => reply.refuse(&error),
        }
    }

    fn finish<S, F, V, const N: usize>(
        &mut self,
        tag: u32,
        store: &mut Store<S, N>,
        slots: &mut Slots<F>,
        verify: &mut V,
        reply: &mut Reply,
    ) where
        S: NorFlash,
        F: MappedFlash,
        V: Verify<Error = Verdict>,
    {
        let mut update = store.update(slots);
        let begun = update.transfer().filter(|transfer| transfer.tag == tag);
        let Some(Transfer { len, .. }) = begun else {
            // The host may ask again whose answer was lost.
            return match self.checked {
                Some((file, verdict)) if file.tag == tag => judged(verdict, reply),
                _ => reply.refuse(&"no such transfer was begun"),
            };
        };
        let verdict = match update.finish(verify) {
            Ok(version) => {
                Verdict { reason: VerdictReason::Candidate, expected: 0, found: version }
            }
            Err(FinishError::Refused(verdict)) => verdict,
            Err(FinishError::TooOld { least, found }) => {
                Verdict { reason: VerdictReason::TooOld, expected: least, found }
            }
            Err(FinishError::Update(error)) => return reply.refuse(&error),
            Err(_) => return reply.refuse(&"the store refuses the transfer"),
        };
        self.checked = Some((BeginUpdate { len, tag }, verdict));
        judged(verdict, reply);
    }

    fn try_candidate<S: NorFlash, const N: usize>(
        &mut self,
        version: u32,
        store: &Store<S, N>,
        reply: &mut Reply,
    ) -> Next {
        let runs = self.running.is_some_and(|running| running.version == version);
        match store.state().pending {
            Pending::Candidate { version: found, .. } if found == version => return Next::Boot,
            // It was tried already, and the host has not heard.
            Pending::Tried { .. } if store.is_trial() && runs => self.status(store, reply),
            _ => reply
                .refuse(&format_args!("no candidate of version {version} is there to be tried")),
        }
        Next::Send
    }

    fn confirm<S: NorFlash, const N: usize>(
        &mut self,
        version: u32,
        store: &mut Store<S, N>,
        reply: &mut Reply,
    ) {
        match self.running {
            Some(running) if running.version == version => match store.confirm() {
                Ok(()) => self.status(store, reply),
                Err(error) => reply.refuse(&error),
            },
            Some(Installed { version: found, .. }) => reply.refuse(&format_args!(
                "model version {found} runs, and {version} was to be confirmed"
            )),
            None => reply.refuse(&"no model runs that could be confirmed"),
        }
    }
}

/// Takes of a piece what is not there yet. A piece that begins beyond is not taken.
fn write<S: NorFlash, F: MappedFlash, const N: usize>(
    WriteUpdate { tag, offset: at }: WriteUpdate,
    bytes: &[u8],
    store: &mut Store<S, N>,
    slots: &mut Slots<F>,
    reply: &mut Reply,
) {
    let mut update = store.update(slots);
    let Some(transfer) = update.transfer().filter(|transfer| transfer.tag == tag) else {
        return reply.refuse(&"no such transfer was begun");
    };
    let there = transfer.received;
    let known = there.checked_sub(at).and_then(|known| usize::try_from(known).ok());
    match known.and_then(|known| bytes.get(known..)) {
        None | Some([]) => offset(there, reply),
        Some(new) => match update.write(new) {
            Ok(there) => offset(there, reply),
            Err(error) => reply.refuse(&error),
        },
    }
}

fn offset(there: u32, reply: &mut Reply) {
    reply.set(Answer::Offset, &there.to_le_bytes());
}

fn judged(verdict: Verdict, reply: &mut Reply) {
    reply.set(Answer::Verdict, &verdict.to_bytes());
}
