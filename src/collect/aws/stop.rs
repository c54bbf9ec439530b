//! A way to end a run early: by the user, by the clock, or because nobody can take what it finds.

use std::sync::Arc;

use tokio::sync::watch;

/// Ends a run. Clones are the same switch; what is under way ends at once and is recorded as not read.
#[derive(Debug, Clone)]
pub struct Stop {
    sender: Arc<watch::Sender<Option<String>>>,
}

impl Default for Stop {
    fn default() -> Self {
        Self { sender: Arc::new(watch::Sender::new(None)) }
    }
}

impl Stop {
    /// Ends the run, with the reason that stands in its coverage. The first reason stands.
    pub fn now(&self, reason: &str) {
        self.sender.send_if_modified(|state| {
            let first = state.is_none();
            if first {
                *state = Some(reason.to_owned());
            }
            first
        });
    }

    /// Why the run was ended, if it was.
    pub fn reason(&self) -> Option<String> {
        self.sender.borrow().clone()
    }

    /// Waits until the run is ended.
    pub(crate) async fn wait(&self) -> String {
        let mut receiver = self.sender.subscribe();
        let reason = receiver.wait_for(Option::is_some).await.ok().and_then(|state| state.clone());
        match reason {
            Some(reason) => reason,
            // The sender lives in `self`: unreachable, and waiting forever is what not being ended means.
            None => std::future::pending().await,
        }
    }
}
