//! What a run tells while it goes on, and two ways to show it.

use std::io::{self, IsTerminal as _, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::ident::{AccountId, Region};

/// Something that happened in a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The accounts are known.
    Accounts {
        /// How many there are.
        count: usize,
    },
    /// An account was entered.
    Account {
        /// The account.
        account: AccountId,
        /// How many regions it has.
        regions: usize,
        /// How many collectors run in it, over all regions.
        collectors: usize,
    },
    /// An account could not be entered.
    AccountRefused {
        /// The account.
        account: AccountId,
        /// Why.
        reason: String,
    },
    /// A collector has ended.
    Collected {
        /// The account.
        account: AccountId,
        /// The region.
        region: Region,
        /// The collector, such as `ec2.volumes`.
        collector: &'static str,
        /// How many resources it read.
        resources: u64,
        /// Why it could not read everything, once for each reason.
        gaps: Vec<String>,
    },
    /// The run is being ended early.
    Stopped {
        /// Why.
        reason: String,
    },
}

/// Shows a run to a person.
pub struct Display {
    way: Way,
    collectors: u64,
    ended: u64,
    resources: u64,
    gaps: u64,
}

enum Way {
    Bar(ProgressBar),
    Lines(Box<dyn Write + Send>),
}

impl std::fmt::Debug for Display {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Display").field("ended", &self.ended).finish_non_exhaustive()
    }
}

impl Display {
    /// A bar on standard error where that is a terminal, plain lines on it elsewhere.
    pub fn stderr() -> Self {
        let stderr = io::stderr();
        if !stderr.is_terminal() {
            return Self::lines(Box::new(stderr));
        }
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        if let Ok(style) =
            ProgressStyle::with_template("{spinner} {bar:24} {pos}/{len} {msg} ({elapsed})")
        {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self::new(Way::Bar(bar))
    }

    /// A line for each account, for each collector that could not read everything, and one at the end.
    pub fn lines(out: Box<dyn Write + Send>) -> Self {
        Self::new(Way::Lines(out))
    }

    fn new(way: Way) -> Self {
        Self { way, collectors: 0, ended: 0, resources: 0, gaps: 0 }
    }

    /// Shows an event.
    pub fn event(&mut self, event: &Event) {
        match event {
            Event::Accounts { count: 1 } => {}
            Event::Accounts { count } => self.say(&format!("{count} accounts")),
            Event::Account { account, regions, collectors } => {
                self.collectors += *collectors as u64;
                self.say(&format!("{account}: {collectors} collectors, {regions} regions"));
            }
            Event::AccountRefused { account, reason } => {
                self.say(&format!("{account}: not entered: {reason}"));
            }
            Event::Collected { account, region, collector, resources, gaps } => {
                self.ended += 1;
                self.resources += resources;
                for gap in gaps {
                    self.gaps += 1;
                    self.say(&format!("{account} {region} {collector}: {gap}"));
                }
            }
            Event::Stopped { reason } => self.say(&format!("ending early: {reason}")),
        }
        if let Way::Bar(bar) = &self.way {
            bar.set_length(self.collectors);
            bar.set_position(self.ended);
            bar.set_message(format!("{} resources, {} gaps", self.resources, self.gaps));
        }
    }

    /// Ends the display.
    pub fn finish(mut self) {
        let text = format!("{} resources, {} gaps", self.resources, self.gaps);
        if let Way::Bar(bar) = &self.way {
            bar.finish_and_clear();
        } else if self.collectors > 0 {
            self.say(&text);
        }
    }

    fn say(&mut self, text: &str) {
        // Reasons carry what services said: nothing of it may move a terminal's cursor.
        let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        match &mut self.way {
            Way::Bar(bar) => bar.println(text),
            // Progress that cannot be shown is no reason to stop.
            Way::Lines(out) => {
                let _ = writeln!(out, "collect: {text}");
            }
        }
    }
}
