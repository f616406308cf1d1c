//! Access tokens that run out: when the next is asked for, by whom, and what becomes of requests meanwhile.
//!
//! How a token is asked for is not known here; whoever signed in hands that over.

use crate::wire::AuthHeader;
use crate::{Credentials, Request, Secret, TransportError};
use scim_record::Learnt;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// The bearer tokens of one session, of which the last one counts; clones share it.
///
/// The next token is asked for as Okta does it, only when a request is about to be made: shortly before the last one
/// ends, and once when a request is answered 401. However many requests want it, one asks and the others wait.
#[derive(Clone)]
pub struct Tokens {
    inner: Arc<Inner>,
}

/// A token as it was issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The token itself.
    pub secret: Secret,
    /// How long it is good for, where that was said.
    pub lifetime: Option<Duration>,
}

/// Why there is no next token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct NoToken {
    /// The reason, without a secret in it.
    pub reason: String,
    /// Whether it is of no use to ask again.
    pub is_final: bool,
}

/// What asking for the next token comes to.
pub type Renewal = Pin<Box<dyn Future<Output = Result<Token, NoToken>> + Send>>;

struct Inner {
    current: RwLock<Arc<Current>>,
    renew: Option<Box<dyn Fn() -> Renewal + Send + Sync>>,
    /// Held by the one who asks.
    trouble: Mutex<Trouble>,
    /// How often somebody asked.
    attempts: AtomicU64,
    /// How many tokens in a row were refused as soon as they were issued.
    refused: AtomicU32,
    learnt: Learnt,
}

/// The token that counts.
pub(crate) struct Current {
    header: Arc<AuthHeader>,
    number: u64,
    due: Option<Instant>,
    end: Option<Instant>,
}

/// What came of asking, while nothing good did.
#[derive(Default)]
struct Trouble {
    failures: u32,
    last: Option<NoToken>,
}

/// How a transport proves who sends.
pub(crate) enum Proof {
    /// By the same header for as long as it lives.
    Fixed(Arc<AuthHeader>),
    /// By tokens that replace each other.
    Renewed(Tokens),
}

/// The header that a request carries.
pub(crate) struct Shown {
    pub(crate) header: Arc<AuthHeader>,
    /// The token in it, if it is one of those that replace each other.
    token: Option<Arc<Current>>,
}

/// What a 401 means for the request that got it.
pub(crate) enum Refusal {
    /// It is the answer.
    Stands,
    /// Another token counts by now: the request is worth sending again.
    Again(Arc<Current>),
    /// There is no token that opens, and none can be had.
    Lost(String),
}

impl Tokens {
    /// Begins with a token. `renew` asks for the next one; without it the first is the last. Every token joins `learnt`.
    ///
    /// # Errors
    /// If the token holds a character that no header carries.
    pub fn new(
        first: Token,
        learnt: Learnt,
        renew: Option<Box<dyn Fn() -> Renewal + Send + Sync>>,
    ) -> Result<Self, TransportError> {
        learnt.learn(first.secret.expose());
        let current = Current::new(&first, 0, renew.is_some())?;
        Ok(Tokens {
            inner: Arc::new(Inner {
                current: RwLock::new(Arc::new(current)),
                renew,
                trouble: Mutex::default(),
                attempts: AtomicU64::new(0),
                refused: AtomicU32::new(0),
                learnt,
            }),
        })
    }

    /// Returns the value of the `Authorization` header as it is now.
    pub fn authorization(&self) -> Secret {
        self.inner.current().header.exposed()
    }

    /// Returns the secrets of the session, which a redactor can watch.
    pub fn learnt(&self) -> &Learnt {
        &self.inner.learnt
    }

    /// Returns the token for a request that is about to be made, a new one if the last is about to end.
    async fn fresh(&self) -> Arc<Current> {
        let current = self.inner.current();
        if current.due.is_none_or(|due| Instant::now() < due) {
            return current;
        }
        // Where none can be had, the last one may still open; the server knows.
        self.renewed(current.number).await.unwrap_or(current)
    }

    /// Tells what to do about a request with this token that was answered 401.
    async fn refused(&self, used: &Current) -> Refusal {
        let current = self.inner.current();
        if current.number != used.number {
            return Refusal::Again(current);
        }
        let has_ended = used.end.is_some_and(|end| Instant::now() >= end);
        if self.inner.renew.is_none() {
            return if has_ended { Refusal::Lost(NO_REFRESH_TOKEN.to_owned()) } else { Refusal::Stands };
        }
        // A server that refuses whatever it is shown has another reason than the token.
        if self.inner.refused.load(Ordering::Relaxed) >= MOST_REFUSED {
            return Refusal::Stands;
        }
        match self.renewed(used.number).await {
            Ok(next) => Refusal::Again(next),
            Err(no) => Refusal::Lost(format!("the access token is refused and cannot be renewed: {no}")),
        }
    }

    /// Remembers how a request went that was sent again.
    fn heed(&self, is_refused_again: bool) {
        match is_refused_again {
            true => self.inner.refused.fetch_add(1, Ordering::Relaxed),
            false => self.inner.refused.swap(0, Ordering::Relaxed),
        };
    }

    /// Returns the token that follows the one of this number, by whomever it was asked for.
    async fn renewed(&self, number: u64) -> Result<Arc<Current>, NoToken> {
        let inner = Arc::clone(&self.inner);
        let seen = inner.attempts.load(Ordering::Relaxed);
        // On its own: were the request given up, a refresh token could be lost that has already replaced the last.
        match tokio::spawn(async move { inner.renew(number, seen).await }).await {
            Ok(renewed) => renewed,
            Err(ended) => match ended.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(NoToken { reason: "the program is about to end".to_owned(), is_final: true }),
            },
        }
    }
}

impl Proof {
    pub(crate) fn new(credentials: Credentials) -> Result<Self, TransportError> {
        match credentials {
            Credentials::Renewed(tokens) => Ok(Proof::Renewed(tokens)),
            fixed => Ok(Proof::Fixed(Arc::new(AuthHeader::new(&fixed)?))),
        }
    }

    pub(crate) fn is_configured(&self) -> bool {
        match self {
            Proof::Fixed(header) => header.is_configured(),
            Proof::Renewed(_) => true,
        }
    }

    /// Returns the header for a request that is about to be made.
    pub(crate) async fn shown(&self, request: &Request) -> Shown {
        let tokens = match self {
            Proof::Fixed(header) => return Shown { header: Arc::clone(header), token: None },
            Proof::Renewed(tokens) => tokens,
        };
        let current = tokens.inner.current();
        // A request that comes as nobody, or as somebody else, needs no token and says nothing about one.
        match current.header.is_shown_by(request) {
            true => Shown::of(tokens.fresh().await),
            false => Shown { header: Arc::clone(&current.header), token: None },
        }
    }

    /// Tells what an answer with this status means.
    pub(crate) async fn refusal(&self, shown: &Shown, status: Option<u16>) -> Refusal {
        match (self, &shown.token, status) {
            (Proof::Renewed(tokens), Some(used), Some(401)) => tokens.refused(used).await,
            _ => Refusal::Stands,
        }
    }

    /// Remembers how a request went that was sent again.
    pub(crate) fn heed(&self, status: Option<u16>) {
        if let (Proof::Renewed(tokens), Some(status)) = (self, status) {
            tokens.heed(status == 401);
        }
    }
}

impl Shown {
    pub(crate) fn of(token: Arc<Current>) -> Self {
        Shown { header: Arc::clone(&token.header), token: Some(token) }
    }
}

impl Inner {
    fn current(&self) -> Arc<Current> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    async fn renew(&self, number: u64, seen: u64) -> Result<Arc<Current>, NoToken> {
        let mut trouble = self.trouble.lock().await;
        let current = self.current();
        if current.number != number {
            return Ok(current);
        }
        let Some(renew) = &self.renew else {
            return Err(NoToken { reason: NO_REFRESH_TOKEN.to_owned(), is_final: true });
        };
        // Whoever waited while another asked takes that answer.
        let was_asked = self.attempts.load(Ordering::Relaxed) != seen;
        if let Some(last) = trouble.last.as_ref().filter(|last| was_asked || last.is_final) {
            return Err(last.clone());
        }
        self.attempts.fetch_add(1, Ordering::Relaxed);
        let issued = renew().await.and_then(|token| {
            self.learnt.learn(token.secret.expose());
            let unusable = |error: TransportError| NoToken { reason: error.to_string(), is_final: true };
            Current::new(&token, number + 1, true).map_err(unusable)
        });
        match issued {
            Ok(next) => {
                let next = Arc::new(next);
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&next);
                *trouble = Trouble::default();
                Ok(next)
            }
            Err(mut no) => {
                trouble.failures += 1;
                no.is_final |= trouble.failures >= MOST_FAILURES;
                trouble.last = Some(no.clone());
                Err(no)
            }
        }
    }
}

impl Current {
    fn new(token: &Token, number: u64, is_renewable: bool) -> Result<Self, TransportError> {
        let header = Arc::new(AuthHeader::new(&Credentials::Bearer(token.secret.clone()))?);
        let lifetime = token.lifetime.map(|lifetime| lifetime.clamp(SHORTEST, LONGEST));
        let now = Instant::now();
        let due = lifetime.filter(|_| is_renewable).map(|lifetime| now + lifetime - EARLY.min(lifetime / 4));
        Ok(Current { header, number, due, end: lifetime.map(|lifetime| now + lifetime) })
    }
}

/// Sessions are equal if they are the same.
impl PartialEq for Tokens {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }
}

impl Eq for Tokens {}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens(…)")
    }
}

const NO_REFRESH_TOKEN: &str = "the access token has run out, and the authorization server issued no refresh token";
/// How long before its end a token is replaced, or a quarter of its life if that is less.
const EARLY: Duration = Duration::from_secs(30);
/// No server makes us ask more often.
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);
const MOST_FAILURES: u32 = 3;
const MOST_REFUSED: u32 = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex as Script;

    fn token(text: &str, seconds: Option<u64>) -> Token {
        Token { secret: Secret::new(text), lifetime: seconds.map(Duration::from_secs) }
    }

    fn no(reason: &str, is_final: bool) -> NoToken {
        NoToken { reason: reason.to_owned(), is_final }
    }

    /// Begins with a token of 100 s; what follows comes from the script, each after a second. Counts how often it is asked.
    fn tokens(script: Vec<Result<Token, NoToken>>) -> (Tokens, Arc<AtomicU64>) {
        let script = Arc::new(Script::new(script.into_iter()));
        let asked = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&asked);
        let renew = move || -> Renewal {
            count.fetch_add(1, Ordering::Relaxed);
            let script = Arc::clone(&script);
            Box::pin(async move {
                tokio::time::sleep(Duration::from_secs(1)).await;
                let next = script.lock().unwrap().next();
                next.unwrap_or_else(|| Err(no("the script is over", true)))
            })
        };
        let tokens = Tokens::new(token("first", Some(100)), Learnt::default(), Some(Box::new(renew))).unwrap();
        (tokens, asked)
    }

    fn shown(current: &Current) -> String {
        current.header.exposed().expose().to_owned()
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_is_replaced_shortly_before_it_ends_and_not_earlier() {
        let (tokens, asked) = tokens(vec![Ok(token("second", Some(1000))), Ok(token("third", None))]);
        tokio::time::advance(Duration::from_secs(74)).await;
        assert_eq!(shown(&*tokens.fresh().await), "Bearer first");
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(shown(&*tokens.fresh().await), "Bearer second");
        tokio::time::advance(Duration::from_secs(968)).await;
        assert_eq!(shown(&*tokens.fresh().await), "Bearer second");
        tokio::time::advance(Duration::from_secs(3)).await;
        assert_eq!(shown(&*tokens.fresh().await), "Bearer third");
        tokio::time::advance(Duration::from_secs(1_000_000)).await;
        assert_eq!(shown(&*tokens.fresh().await), "Bearer third");
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn of_many_that_are_refused_at_once_one_asks_and_all_go_on_with_its_token() {
        let (tokens, asked) = tokens(vec![Ok(token("second", None))]);
        let used = tokens.fresh().await;
        let refused = (0..50).map(|_| {
            let (tokens, used) = (tokens.clone(), Arc::clone(&used));
            tokio::spawn(async move { matches!(tokens.refused(&used).await, Refusal::Again(next) if next.number == 1) })
        });
        for one in refused.collect::<Vec<_>>() {
            assert!(one.await.unwrap());
        }
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_is_shared_by_those_who_wait_and_tried_again_by_the_next_until_it_is_final() {
        let (tokens, asked) = tokens(vec![Err(no("500", false)), Err(no("500", false)), Err(no("500", false))]);
        let used = tokens.fresh().await;
        for attempts in [1, 2, 3, 3] {
            let all = (0..10).map(|_| {
                let (tokens, used) = (tokens.clone(), Arc::clone(&used));
                tokio::spawn(
                    async move { matches!(tokens.refused(&used).await, Refusal::Lost(why) if why.contains("500")) },
                )
            });
            for one in all.collect::<Vec<_>>() {
                assert!(one.await.unwrap());
            }
            assert_eq!(asked.load(Ordering::Relaxed), attempts);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_is_given_up_does_not_lose_the_token_it_asked_for() {
        let (tokens, asked) = tokens(vec![Ok(token("second", None))]);
        let used = tokens.fresh().await;
        let given_up = tokio::time::timeout(Duration::from_millis(500), tokens.refused(&used)).await;
        assert!(given_up.is_err());
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(shown(&*tokens.fresh().await), "Bearer second");
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_refuses_every_token_is_not_given_one_after_the_other() {
        let (tokens, asked) = tokens((0..9).map(|number| Ok(token(&format!("next {number}"), None))).collect());
        for _ in 0..9 {
            let used = tokens.fresh().await;
            if let Refusal::Again(_) = tokens.refused(&used).await {
                tokens.heed(true);
            }
        }
        assert_eq!(asked.load(Ordering::Relaxed), u64::from(MOST_REFUSED));
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_refresh_token_a_401_stands_until_the_token_has_ended() {
        let tokens = Tokens::new(token("only", Some(10)), Learnt::default(), None).unwrap();
        let used = tokens.fresh().await;
        assert!(matches!(tokens.refused(&used).await, Refusal::Stands));
        tokio::time::advance(Duration::from_secs(10)).await;
        let used = tokens.fresh().await;
        assert_eq!(shown(&used), "Bearer only");
        assert!(matches!(tokens.refused(&used).await, Refusal::Lost(why) if why.contains("no refresh token")));
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_issues_tokens_for_no_time_is_asked_once_a_second_at_most() {
        let (tokens, asked) = tokens((0..99).map(|number| Ok(token(&format!("{number}"), Some(0)))).collect());
        tokio::time::advance(Duration::from_secs(100)).await;
        for _ in 0..100 {
            tokens.fresh().await;
        }
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn neither_a_session_nor_its_tokens_show_themselves() {
        let tokens = Tokens::new(token("hunter2hunter2", None), Learnt::default(), None).unwrap();
        let shown =
            format!("{tokens:?} {:?} {:?}", Credentials::Renewed(tokens.clone()), token("hunter2hunter2", None));
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(Tokens::new(token("line\nbreak", None), Learnt::default(), None).is_err());
    }
}
