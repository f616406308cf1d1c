//! A lane: one of the strands in which inputs are sent, with objects and names of its own.

use crate::client::{Client, Stop};
use http::header::RETRY_AFTER;
use scim_suite::ScimVersion;
use scim_transport::{Reply, Request};
use std::cell::{Cell, RefCell};
use std::time::Duration;

/// One strand of a fuzz case. What is created on it is journalled and removed like everything else.
pub(crate) struct Lane<'run> {
    client: &'run Client<'run>,
    number: usize,
    /// What exchanges are kept as; nothing is kept without it.
    step: RefCell<Option<String>>,
    kept: RefCell<Vec<usize>>,
    was_throttled: Cell<bool>,
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

    async fn send_once(&self, request: Request) -> Result<Reply, Stop> {
        let step = self.step.borrow().clone();
        let Some(step) = step else { return self.client.ask(request).await };
        match self.client.send(&step, request).await {
            Ok(answer) => {
                self.kept.borrow_mut().push(answer.exchange);
                Ok(answer.reply)
            }
            Err(stop) => {
                if let Stop::Failed { exchange: Some(exchange), .. } = &stop {
                    self.kept.borrow_mut().push(*exchange);
                }
                Err(stop)
            }
        }
    }

    /// Keeps the exchanges from here on as evidence of this step.
    pub(super) fn keep(&self, step: &str) {
        *self.step.borrow_mut() = Some(step.to_owned());
        self.kept.borrow_mut().clear();
    }

    /// Ends [`Lane::keep`], and returns where the exchanges are in the record.
    pub(super) fn kept(&self) -> Vec<usize> {
        *self.step.borrow_mut() = None;
        self.kept.take()
    }

    /// Returns whether the server did not let a request through, however long we waited, since this was last asked.
    pub(super) fn was_throttled(&self) -> bool {
        self.was_throttled.replace(false)
    }
}

/// Returns how long to wait before a request that was answered with 429 (RFC 6585 §4) is sent again.
fn pause(reply: &Reply, attempt: u32) -> Duration {
    let asked = reply.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse::<u64>().ok());
    let pause = asked.map_or(Duration::from_millis(250 << attempt), Duration::from_secs);
    pause.min(LONGEST_PAUSE)
}

const MOST_PAUSES: u32 = 5;
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
