//! Secrets that turn up while records are being written: tokens that replace each other.

use super::Edit;
use super::secrets::Secrets;
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

/// Secrets that redactors come to know while they are at work. Clones share them, and so do all redactors that
/// [watch](super::Redactor::watching) them, together with their clones.
#[derive(Clone, Default)]
pub struct Learnt {
    shared: Arc<RwLock<Shared>>,
}

#[derive(Default)]
struct Shared {
    lasting: Secrets,
    passing: VecDeque<String>,
    /// All of them, ready to be looked for.
    all: Arc<Secrets>,
}

impl Learnt {
    /// Adds a secret that is good for as long as the program runs.
    pub fn keep(&self, secret: &str) {
        let mut shared = self.shared.write().unwrap_or_else(PoisonError::into_inner);
        shared.lasting.add(secret);
        shared.gather();
    }

    /// Adds a secret that others will replace. The last [`MOST_PASSING`](Self::MOST_PASSING) are looked for: one that has
    /// been replaced that often opens nothing any more, and a server that hands them out without end must not slow
    /// everything down.
    pub fn learn(&self, secret: &str) {
        let mut shared = self.shared.write().unwrap_or_else(PoisonError::into_inner);
        if shared.passing.iter().any(|known| known == secret) {
            return;
        }
        shared.passing.push_back(secret.to_owned());
        if shared.passing.len() > Self::MOST_PASSING {
            shared.passing.pop_front();
        }
        shared.gather();
    }

    /// How many secrets that replace each other are looked for.
    pub const MOST_PASSING: usize = 200;

    pub(super) fn find(&self, text: &str) -> Vec<Edit> {
        // The search works on what was known when it began, so that nobody waits for it.
        let all = Arc::clone(&self.shared.read().unwrap_or_else(PoisonError::into_inner).all);
        all.find(text)
    }
}

impl Shared {
    fn gather(&mut self) {
        let mut all = self.lasting.clone();
        self.passing.iter().for_each(|secret| all.add(secret));
        self.all = Arc::new(all);
    }
}

impl fmt::Debug for Learnt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Learnt(…)")
    }
}
