//! Limits on calls under way that follow what a service bears.
//!
//! Additive increase, multiplicative decrease: as many answers in a row as there are places add a place, a throttle
//! halves them. Nothing here reads a clock; the pace of the answers is the clock. The SDK's own retries wait between
//! attempts while their place stays taken, which slows the rest down further.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A number of places that shrinks and grows.
#[derive(Debug)]
pub(crate) struct Limiter {
    places: Arc<Semaphore>,
    state: Mutex<State>,
    max: usize,
}

#[derive(Debug)]
struct State {
    limit: usize,
    /// Places that are to go as soon as they are given back.
    owed: usize,
    /// Answers since the limit last changed.
    answers: usize,
}

/// A place that was taken.
#[derive(Debug)]
pub(crate) struct Place {
    limiter: Arc<Limiter>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Limiter {
    /// Begins with `start` places and never has more than `max`.
    pub(crate) fn new(start: usize, max: usize) -> Arc<Self> {
        let start = start.clamp(1, max.max(1));
        Arc::new(Self {
            places: Arc::new(Semaphore::new(start)),
            state: Mutex::new(State { limit: start, owed: 0, answers: 0 }),
            max: max.max(1),
        })
    }

    /// Waits for a place.
    pub(crate) async fn enter(self: &Arc<Self>) -> Place {
        // The semaphore is never closed; were it, going on without a place does no harm.
        let permit = Arc::clone(&self.places).acquire_owned().await.ok();
        Place { limiter: Arc::clone(self), permit }
    }

    /// A call was throttled.
    pub(crate) fn throttled(&self) {
        let mut state = self.state();
        // Throttles come in bursts: those of calls that were under way together count once.
        if state.answers == 0 && state.limit < self.max && state.owed > 0 {
            return;
        }
        let lower = (state.limit / 2).max(1);
        let fewer = state.limit - lower;
        let gone = self.places.forget_permits(fewer);
        state.owed += fewer - gone;
        state.limit = lower;
        state.answers = 0;
    }

    /// A call was answered.
    pub(crate) fn answered(&self) {
        let mut state = self.state();
        state.answers += 1;
        if state.answers < state.limit || state.limit >= self.max {
            return;
        }
        state.answers = 0;
        state.limit += 1;
        if state.owed > 0 {
            state.owed -= 1;
        } else {
            self.places.add_permits(1);
        }
    }

    /// How many places there are.
    #[cfg(test)]
    pub(crate) fn limit(&self) -> usize {
        self.state().limit
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // The state is a few numbers that are consistent after each statement.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.limiter.state();
        if state.owed > 0
            && let Some(permit) = self.permit.take()
        {
            state.owed -= 1;
            permit.forget();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn throttles_halve_and_answers_add() {
        let limiter = Limiter::new(8, 16);
        limiter.throttled();
        assert_eq!(limiter.limit(), 4);
        for _ in 0..4 {
            limiter.answered();
        }
        assert_eq!(limiter.limit(), 5);
        assert_eq!(limiter.places.available_permits(), 5);
    }

    #[tokio::test]
    async fn places_in_use_are_owed() {
        let limiter = Limiter::new(4, 8);
        let mut taken = Vec::new();
        for _ in 0..4 {
            taken.push(limiter.enter().await);
        }
        limiter.throttled();
        limiter.throttled();
        assert_eq!(limiter.limit(), 2, "a burst counts once");
        drop(taken);
        assert_eq!(limiter.places.available_permits(), 2);
    }

    #[tokio::test]
    async fn one_place_always_remains() {
        let limiter = Limiter::new(2, 2);
        for _ in 0..10 {
            limiter.throttled();
            limiter.answered();
        }
        assert!(limiter.limit() >= 1);
        drop(limiter.enter().await);
    }
}
