//! Who is signed in. The API has its token; a browser trades it, or a code that works once, for a cookie.
//!
//! Neither stands in a URL: those are kept in histories and sent on. Whoever starts the org reads the code beside the
//! address and types it into the form. It works once, so what stays in a terminal's scroll-back opens nothing, and the
//! token, which scripts hold for long, need not pass through a browser at all.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::auth::is_same;

/// The sessions, and the code as long as it works.
#[derive(Debug)]
pub(super) struct Sessions {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    code: Option<String>,
    /// Wrong codes so far.
    guesses: u32,
    /// By the value of the cookie.
    open: HashMap<String, Session>,
}

#[derive(Debug, Clone)]
struct Session {
    form: String,
    notice: Option<Notice>,
    seen: Instant,
}

/// What a page needs of the session it is drawn for.
#[derive(Debug, Clone)]
pub(super) struct Visitor {
    /// The value of the cookie.
    pub(super) key: String,
    /// What every form carries.
    pub(super) form: String,
}

/// What is told once, on the page after a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Notice {
    pub(super) is_error: bool,
    pub(super) text: String,
}

impl Sessions {
    /// Returns sessions of nobody. Without random bytes nobody can sign in.
    pub(super) fn new() -> Sessions {
        let state = State { code: code(), guesses: 0, open: HashMap::new() };
        Sessions { state: Mutex::new(state) }
    }

    /// Returns the code, as long as it works.
    pub(super) fn code(&self) -> Option<String> {
        self.lock().code.clone()
    }

    /// Opens a session for the token or for the code.
    pub(super) fn sign_in(&self, secret: &str, token: &str) -> Option<Visitor> {
        let (mut state, secret) = (self.lock(), secret.trim());
        let given = secret.to_ascii_uppercase();
        let is_code = state.code.as_deref().is_some_and(|code| is_same(given.as_bytes(), code.as_bytes()));
        if is_code {
            state.code = None;
        } else if !is_same(secret.as_bytes(), token.as_bytes()) {
            state.guesses += 1;
            if state.guesses >= MOST_GUESSES {
                state.code = None;
            }
            return None;
        }
        let visitor = Visitor { key: random()?, form: random()? };
        let session = Session { form: visitor.form.clone(), notice: None, seen: Instant::now() };
        state.open.retain(|_, session| session.seen.elapsed() < LONGEST_IDLE);
        if state.open.len() >= MOST_SESSIONS {
            let oldest = state.open.iter().min_by_key(|(_, session)| session.seen).map(|(key, _)| key.clone());
            oldest.map(|key| state.open.remove(&key));
        }
        state.open.insert(visitor.key.clone(), session);
        Some(visitor)
    }

    /// Returns whose cookie this is.
    pub(super) fn visitor(&self, key: &str) -> Option<Visitor> {
        let mut state = self.lock();
        let session = state.open.get_mut(key).filter(|session| session.seen.elapsed() < LONGEST_IDLE)?;
        session.seen = Instant::now();
        Some(Visitor { key: key.to_owned(), form: session.form.clone() })
    }

    /// Closes a session.
    pub(super) fn sign_out(&self, visitor: &Visitor) {
        self.lock().open.remove(&visitor.key);
    }

    /// Keeps a notice for the next page.
    pub(super) fn tell(&self, visitor: &Visitor, notice: Notice) {
        if let Some(session) = self.lock().open.get_mut(&visitor.key) {
            session.notice = Some(notice);
        }
    }

    /// Takes the notice for this page.
    pub(super) fn notice(&self, visitor: &Visitor) -> Option<Notice> {
        self.lock().open.get_mut(&visitor.key)?.notice.take()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a form carries what its session gave it.
pub(super) fn is_ours(visitor: &Visitor, given: &str) -> bool {
    is_same(given.as_bytes(), visitor.form.as_bytes())
}

/// Returns 128 random bits in hexadecimal digits.
pub(super) fn random() -> Option<String> {
    letters(b"0123456789abcdef", 32)
}

/// Returns a code of 50 bits in letters nobody mistakes for one another.
fn code() -> Option<String> {
    let letters = letters(b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789", 10)?;
    let (head, tail) = letters.split_at(5);
    Some(format!("{head}-{tail}"))
}

fn letters(alphabet: &[u8], count: usize) -> Option<String> {
    let mut bytes = vec![0; count];
    getrandom::fill(&mut bytes).ok()?;
    Some(bytes.iter().map(|byte| char::from(alphabet[usize::from(*byte) % alphabet.len()])).collect())
}

/// After so many wrong codes the right one does not work either: the token does.
const MOST_GUESSES: u32 = 20;

const MOST_SESSIONS: usize = 64;

/// A working day.
const LONGEST_IDLE: Duration = Duration::from_secs(12 * 3600);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_works_once_and_the_token_always() {
        let sessions = Sessions::new();
        let code = sessions.code().unwrap();
        let first = sessions.sign_in(&format!(" {} ", code.to_lowercase()), "00token").unwrap();
        assert!(sessions.sign_in(&code, "00token").is_none());
        let second = sessions.sign_in("00token", "00token").unwrap();
        assert!(first.key != second.key && first.form != second.form && first.key != first.form);
        sessions.sign_out(&first);
        assert!(sessions.visitor(&first.key).is_none() && sessions.visitor(&second.key).is_some());
        assert!(sessions.visitor("").is_none());
    }

    #[test]
    fn the_code_cannot_be_guessed_for_long() {
        let sessions = Sessions::new();
        let code = sessions.code().unwrap();
        for _ in 0..MOST_GUESSES {
            assert!(sessions.sign_in("AAAAA-AAAAA", "00token").is_none());
        }
        assert!(sessions.sign_in(&code, "00token").is_none());
        assert!(sessions.sign_in("", "").is_none(), "an org without a token lets nobody in");
    }

    #[test]
    fn sessions_are_few_and_a_notice_is_told_once() {
        let sessions = Sessions::new();
        let first = sessions.sign_in("00token", "00token").unwrap();
        let notice = Notice { is_error: false, text: "done".to_owned() };
        sessions.tell(&first, notice.clone());
        assert_eq!((sessions.notice(&first), sessions.notice(&first)), (Some(notice), None));
        for _ in 0..MOST_SESSIONS {
            sessions.sign_in("00token", "00token").unwrap();
        }
        assert!(sessions.visitor(&first.key).is_none(), "the one not seen for longest goes");
    }
}
