//! A lane: one of the strands in which inputs are sent, with objects and names of its own.

use crate::client::{Client, MOST_PAUSES, Stop, pause};
use scim_suite::ScimVersion;
use scim_transport::{Reply, Request};
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::ops::Range;
use std::pin::pin;

/// One strand of a fuzz case. What is created on it is journalled and removed like everything else.
pub(crate) struct Lane<'run> {
    client: &'run Client<'run>,
    number: usize,
    /// What exchanges are kept as; nothing is kept without it.
    step: RefCell<Option<String>>,
    kept: RefCell<Kept>,
    was_throttled: Cell<bool>,
}

/// The exchanges that are kept, by their places in the record.
#[derive(Debug, Default)]
struct Kept {
    all: Vec<usize>,
    /// Those among all that show the breach; all of them where nobody has said which.
    shown: Option<Range<usize>>,
    /// Those whose requests an input is about, as opposed to what makes ready for them and what looks at what they did.
    tested: Vec<usize>,
}

/// The exchanges that show a breach.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Evidence {
    /// Where they are in the record, in order.
    pub(crate) exchanges: Vec<usize>,
    /// The last of those whose requests the input is about.
    pub(crate) tested: Option<usize>,
}

/// Waits for an answer, and lets the connection have the request before the next lane takes its turn: lanes share a thread
/// with the connections, and a server that waits for a batch of requests is idle meanwhile.
async fn promptly<A>(asking: impl Future<Output = A>) -> A {
    let mut asking = pin!(asking);
    let mut has_begun = false;
    poll_fn(|context| {
        let answer = asking.as_mut().poll(context);
        if answer.is_pending() && !std::mem::replace(&mut has_begun, true) {
            context.waker().wake_by_ref();
        }
        answer
    })
    .await
}

impl<'run> Lane<'run> {
    /// Returns the lane of this number.
    pub(crate) fn new(client: &'run Client<'run>, number: usize) -> Self {
        let (step, kept, was_throttled) = (RefCell::default(), RefCell::default(), Cell::new(false));
        Lane { client, number, step, kept, was_throttled }
    }

    /// Returns the number of the lane, counted from 0.
    pub(crate) fn number(&self) -> usize {
        self.number
    }

    /// Returns a name for the lane's objects; it bears the run's mark, by which clean-up knows what is ours, and the trial's,
    /// because others run at the same time.
    pub(crate) fn name(&self, what: &str) -> String {
        format!("{}-{}.{}.{what}", self.client.run(), self.client.tag(), self.number)
    }

    /// Returns a request of SCIM 2.0, the body being JSON; percent-encode what goes into the target.
    pub(crate) fn request(&self, method: &str, target: impl Into<String>, body: Option<Vec<u8>>) -> Request {
        crate::client::request(ScimVersion::V2, method, target.into(), body)
    }

    /// Sends a request, unless it would touch what is not ours; a server that asks for patience gets it.
    ///
    /// # Errors
    /// If there is no answer. A subject hands that on: the driver decides whether the input is to blame.
    pub(crate) async fn send(&self, request: Request) -> Result<Reply, Stop> {
        for attempt in 0.. {
            let reply = self.send_once(request.clone()).await?;
            if reply.status != 429 {
                return Ok(reply);
            }
            if attempt == MOST_PAUSES {
                self.was_throttled.set(true);
                return Ok(reply);
            }
            tokio::time::sleep(pause(&reply, attempt)).await;
        }
        unreachable!("the loop ends by itself")
    }

    /// Takes an object as ours that the server has made though it said otherwise, if it bears the run's mark.
    pub(crate) async fn adopt(&self, path: &str) -> Result<(), Stop> {
        self.client.adopt(path).await
    }

    /// Sends a request as [`Lane::send`] does that has no part in what is judged, to clear away above all: it is no
    /// evidence.
    pub(crate) async fn send_aside(&self, request: Request) -> Result<Reply, Stop> {
        let step = self.step.take();
        let reply = self.send(request).await;
        self.step.replace(step);
        reply
    }

    async fn send_once(&self, request: Request) -> Result<Reply, Stop> {
        let step = self.step.borrow().clone();
        let Some(step) = step else { return promptly(self.client.ask(request)).await };
        match self.client.send(&step, request).await {
            Ok(answer) => {
                self.kept.borrow_mut().all.push(answer.exchange);
                Ok(answer.reply)
            }
            Err(stop) => {
                if let Stop::Failed { exchange: Some(exchange), .. } = &stop {
                    self.kept.borrow_mut().all.push(*exchange);
                }
                Err(stop)
            }
        }
    }

    /// Keeps the exchanges from here on as evidence of this step.
    pub(super) fn keep(&self, step: &str) {
        *self.step.borrow_mut() = Some(step.to_owned());
        self.kept.take();
    }

    /// Returns whether exchanges are kept, so that they should show all that the input needs.
    pub(crate) fn keeps(&self) -> bool {
        self.step.borrow().is_some()
    }

    /// Returns how many exchanges are kept so far, for [`Lane::show`].
    pub(crate) fn kept_so_far(&self) -> usize {
        self.kept.borrow().all.len()
    }

    /// Says that the exchanges kept since there were so many are those that show the breach; whoever says it last is
    /// believed.
    pub(crate) fn show(&self, since: usize) {
        let kept = &mut *self.kept.borrow_mut();
        kept.shown = Some(since..kept.all.len());
    }

    /// Says that the request sent last is one that the input is about.
    pub(crate) fn mark_tested(&self) {
        let kept = &mut *self.kept.borrow_mut();
        kept.tested.extend(kept.all.last().copied());
    }

    /// Ends [`Lane::keep`], and returns what was kept.
    pub(super) fn kept(&self) -> Evidence {
        *self.step.borrow_mut() = None;
        let Kept { all, shown, tested } = self.kept.take();
        let exchanges = shown.and_then(|shown| all.get(shown)).map_or_else(|| all.clone(), <[usize]>::to_vec);
        let tested = tested.into_iter().rfind(|place| exchanges.contains(place));
        Evidence { exchanges, tested }
    }

    /// Returns whether the server did not let a request through, however long we waited, since this was last asked.
    pub(super) fn was_throttled(&self) -> bool {
        self.was_throttled.replace(false)
    }
}
