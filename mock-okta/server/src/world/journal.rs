//! The journal: every exchange with a service provider, and the faults that are switched on for some of them.

use std::collections::VecDeque;
use std::time::Duration;

use mock_okta::Request;
use mock_okta::org::Job;
use scim_record::Exchange;

use super::Brief;

/// The exchanges that took place, the oldest forgotten in the end.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    entries: VecDeque<Entry>,
    made: u64,
    pub(crate) faults: Vec<Fault>,
}

/// One exchange.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) id: u64,
    /// When, in seconds of the org's clock.
    pub(crate) at: u64,
    pub(crate) app: String,
    pub(crate) job: String,
    pub(crate) cause: String,
    pub(crate) fault: Option<&'static str>,
    pub(crate) exchange: Exchange,
}

/// Something that goes wrong on the way to a service provider.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fault {
    pub(crate) kind: FaultKind,
    /// How often still; always, where nothing is said.
    pub(crate) times: Option<u32>,
    /// Only this app.
    pub(crate) app: Option<String>,
    /// Only this method.
    pub(crate) method: Option<String>,
    /// Only targets that begin so.
    pub(crate) path: Option<String>,
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum FaultKind {
    /// The request goes out late.
    Delay(Duration),
    /// The request never arrives.
    DropRequest,
    /// The request arrives, and the answer is lost.
    DropAnswer,
    /// The request never arrives and is answered with this status.
    Status { status: u16, retry_after: Option<u64> },
}

impl Journal {
    /// Notes an exchange and returns it in a few words.
    pub(super) fn note(&mut self, at: u64, job: &Job, fault: Option<&'static str>, exchange: Exchange) -> Brief {
        self.made += 1;
        let brief = Brief {
            id: self.made,
            method: exchange.request.method.clone(),
            url: exchange.request.url.clone(),
            status: exchange.response.as_ref().map(|response| response.status),
            failure: exchange.failure.as_ref().map(ToString::to_string),
            // In whole microseconds, which are read back as they were written.
            milliseconds: (exchange.timing.total_ms * 1000.0).round() / 1000.0,
        };
        let (app, cause) = (job.app.clone(), job.cause.clone());
        self.entries.push_back(Entry { id: self.made, at, app, job: job.id.to_string(), cause, fault, exchange });
        if self.entries.len() > MOST {
            self.entries.pop_front();
        }
        brief
    }

    /// Goes on with the numbers after those of an exchange that is told of and not kept.
    pub(super) fn go_on_after(&mut self, id: u64) {
        self.made = self.made.max(id);
    }

    /// Returns the exchanges after a number, oldest first.
    pub(crate) fn after(&self, id: u64) -> impl Iterator<Item = &Entry> {
        self.entries.iter().skip_while(move |entry| entry.id <= id)
    }

    /// Returns the exchange with a number, as long as it is kept.
    pub(crate) fn find(&self, id: u64) -> Option<&Entry> {
        let first = self.entries.front()?.id;
        self.entries.get(usize::try_from(id.checked_sub(first)?).ok()?).filter(|entry| entry.id == id)
    }

    /// Takes the fault for a request.
    pub(super) fn fault(&mut self, app: &str, request: &Request) -> Option<FaultKind> {
        let at = self.faults.iter().position(|fault| fault.is_for(app, request))?;
        let fault = &mut self.faults[at];
        let kind = fault.kind.clone();
        fault.times = fault.times.map(|times| times - 1);
        if fault.times == Some(0) {
            self.faults.remove(at);
        }
        Some(kind)
    }
}

impl Fault {
    fn is_for(&self, app: &str, request: &Request) -> bool {
        self.app.as_deref().is_none_or(|wanted| wanted == app)
            && self.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(request.method))
            && self.path.as_deref().is_none_or(|wanted| request.target.starts_with(wanted))
    }
}

/// How many exchanges are kept.
const MOST: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_strikes_as_often_as_it_shall_and_where_it_shall() {
        let fault = |times, method: &str| Fault {
            kind: FaultKind::DropRequest,
            times,
            app: None,
            method: Some(method.to_owned()),
            path: Some("/Users".to_owned()),
        };
        let mut journal = Journal { faults: vec![fault(Some(2), "post"), fault(None, "GET")], ..Journal::default() };
        let request =
            |method, target: &str| Request { method, target: target.to_owned(), headers: Vec::new(), body: None };
        let mut strikes = |method, target| journal.fault("0oa", &request(method, target)).is_some();
        assert_eq!([(); 3].map(|()| strikes("POST", "/Users")), [true, true, false]);
        assert_eq!([(); 3].map(|()| strikes("GET", "/Users/1")), [true, true, true]);
        assert!(!strikes("GET", "/Groups"));
    }
}
