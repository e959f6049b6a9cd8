//! Shows a download: a bar on a terminal, plain lines elsewhere.

use std::io::{self, IsTerminal, Write, stderr};

use ae_data::fetch::Event;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::terminal::Lines;

/// Turns the events of a download into a bar or lines.
pub(crate) struct FetchProgress<W> {
    lines: W,
    /// The bar of the file that is on its way; hidden where there is no terminal.
    bar: ProgressBar,
    terminal: bool,
    total: u64,
    /// Tenths of the file that have been told as lines.
    told: u64,
}

impl FetchProgress<Lines> {
    /// Shows on standard error.
    pub(crate) fn stderr() -> Self {
        Self::new(Lines::default(), stderr().is_terminal())
    }
}

impl<W: Write> FetchProgress<W> {
    /// Writes lines to `lines`; with `terminal`, also draws a bar on standard error.
    pub(crate) fn new(lines: W, terminal: bool) -> Self {
        Self { lines, bar: ProgressBar::hidden(), terminal, total: 0, told: 0 }
    }

    /// Shows one event.
    ///
    /// # Errors
    ///
    /// What writing a line gives.
    pub(crate) fn show(&mut self, event: Event) -> io::Result<()> {
        match event {
            Event::AlreadyThere { name } => writeln!(self.lines, "{name}: already there"),
            Event::Started { name, received, total } => self.start(name, received, total),
            Event::Advanced { received } => self.advance(received),
            Event::Finished { name } => {
                self.bar.finish_and_clear();
                writeln!(self.lines, "{name}: done, SHA-256 is right")
            }
        }
    }

    fn start(&mut self, name: &str, received: u64, total: u64) -> io::Result<()> {
        self.bar.finish_and_clear();
        self.total = total;
        self.told = tenths(received, total);
        if self.terminal {
            let target = ProgressDrawTarget::stderr();
            let style =
                "{msg} [{bar:30}] {binary_bytes}/{binary_total_bytes} {binary_bytes_per_sec} {eta}";
            self.bar = ProgressBar::with_draw_target(Some(total), target)
                .with_style(ProgressStyle::with_template(style).expect("a constant template"))
                .with_message(name.to_string())
                .with_position(received);
            // So that speed and time left count from here, not from what an earlier call got.
            self.bar.reset_eta();
            return Ok(());
        }
        match received {
            0 => writeln!(self.lines, "{name}: {total} bytes"),
            _ => writeln!(self.lines, "{name}: {total} bytes, continuing at {received}"),
        }
    }

    fn advance(&mut self, received: u64) -> io::Result<()> {
        self.bar.set_position(received);
        let tenths = tenths(received, self.total);
        if self.terminal || tenths <= self.told {
            return Ok(());
        }
        self.told = tenths;
        writeln!(self.lines, "  {received} of {} bytes ({tenths}0 %)", self.total)
    }
}

fn tenths(received: u64, total: u64) -> u64 {
    received * 10 / total.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(events: &[Event]) -> String {
        let mut progress = FetchProgress::new(Vec::new(), false);
        for &event in events {
            progress.show(event).unwrap();
        }
        String::from_utf8(progress.lines).unwrap()
    }

    #[test]
    fn without_a_terminal_each_tenth_is_a_line() {
        let mut events = vec![Event::Started { name: "a", received: 350, total: 1000 }];
        events.extend((351..=1000).map(|received| Event::Advanced { received }));
        events.push(Event::Finished { name: "a" });
        assert_eq!(
            lines(&events),
            "a: 1000 bytes, continuing at 350\n\
             \x20 400 of 1000 bytes (40 %)\n\
             \x20 500 of 1000 bytes (50 %)\n\
             \x20 600 of 1000 bytes (60 %)\n\
             \x20 700 of 1000 bytes (70 %)\n\
             \x20 800 of 1000 bytes (80 %)\n\
             \x20 900 of 1000 bytes (90 %)\n\
             \x20 1000 of 1000 bytes (100 %)\n\
             a: done, SHA-256 is right\n"
        );
    }

    #[test]
    fn what_is_there_is_one_line_and_a_new_start_begins_anew() {
        let started = |received| Event::Started { name: "b", received, total: 10 };
        let text = lines(&[
            Event::AlreadyThere { name: "a" },
            started(9),
            started(0),
            Event::Advanced { received: 5 },
        ]);
        assert_eq!(
            text,
            "a: already there\n\
             b: 10 bytes, continuing at 9\n\
             b: 10 bytes\n\
             \x20 5 of 10 bytes (50 %)\n"
        );
    }
}
