//! Requests that may create something are followed to their end: who gives a case up does not keep the server from
//! creating what it was asked for, and only the answer says where that is.

use super::{Client, Intent, bulk};
use scim_record::{Exchange, Failure};
use scim_transport::{Reply, Request, Transport};
use std::cell::RefCell;
use std::io;
use std::panic::resume_unwind;
use std::time::Duration;
use tokio::task::JoinHandle;

/// What came of sending a request.
pub(super) struct Delivery {
    pub(super) reply: Result<Reply, Failure>,
    /// The evidence, if the request belongs to a step.
    pub(super) exchange: Option<Exchange>,
    pub(super) retries: u32,
}

/// Sends a request; what belongs to no step leaves no evidence.
pub(super) async fn transmit(transport: &Transport, step: Option<&str>, request: Request) -> Delivery {
    match step {
        Some(step) => {
            let sent = transport.send(step, request).await;
            Delivery { reply: sent.reply, exchange: Some(sent.exchange), retries: sent.retries }
        }
        None => Delivery { reply: transport.ask(&request).await, exchange: None, retries: 0 },
    }
}

/// A request under way that may create something.
pub(super) struct Creation {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) intent: Option<Intent>,
    pub(super) bulk: Vec<bulk::Creation>,
}

/// A creation that nobody waits for any more.
pub(super) struct Abandoned {
    creation: Creation,
    sending: JoinHandle<Delivery>,
}

/// Hands a creation over to clean-up when whoever waits for it is dropped.
struct Followed<'c> {
    abandoned: &'c RefCell<Vec<Abandoned>>,
    under_way: Option<Abandoned>,
}

impl Drop for Followed<'_> {
    fn drop(&mut self) {
        self.abandoned.borrow_mut().extend(self.under_way.take());
    }
}

impl Client<'_> {
    /// Sends a request that may create something.
    pub(super) async fn follow(&self, step: Option<&str>, request: Request, creation: Creation) -> Delivery {
        let (transport, step) = (self.transport.clone(), step.map(str::to_owned));
        let sending = tokio::spawn(async move { transmit(&transport, step.as_deref(), request).await });
        let under_way = Some(Abandoned { creation, sending });
        let mut followed = Followed { abandoned: &self.abandoned, under_way };
        let Some(Abandoned { sending, .. }) = &mut followed.under_way else { unreachable!("it was put there") };
        let ended = sending.await;
        followed.under_way = None;
        ended.unwrap_or_else(|defect| resume_unwind(defect.into_panic()))
    }

    /// Takes in the answers to creations that nobody waited for, as far as they come within a moment.
    pub(super) async fn take_in_abandoned(&self) -> io::Result<()> {
        for Abandoned { creation, mut sending } in self.abandoned.take() {
            let Creation { method, path, intent, bulk } = creation;
            match tokio::time::timeout(GRACE, &mut sending).await {
                Ok(Ok(Delivery { reply, exchange, .. })) => {
                    exchange.map(|exchange| self.record(exchange));
                    if let Ok(reply) = reply {
                        self.take_in(&method, &path, intent, bulk, &reply).await?;
                    }
                }
                // The server may still be at it, and finding nobody proves nothing.
                Ok(Err(_)) | Err(_) => {
                    sending.abort();
                    let names = intent.into_iter().map(|intent| intent.name);
                    let names = names.chain(bulk.into_iter().map(|creation| creation.name));
                    self.doubts.borrow_mut().extend(names.map(|name| (name, Doubt::Unanswered)));
                }
            }
        }
        Ok(())
    }
}

/// Why an announced creation is not simply believed to have come to nothing, or to something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubt {
    /// The server said no, and may have created it all the same.
    Refused,
    /// The server said yes, and not where.
    Promised,
    /// The server had not answered yet when nobody waited any more.
    Unanswered,
}

/// How long the answer to a creation is waited for when its case was given up.
const GRACE: Duration = Duration::from_secs(5);
