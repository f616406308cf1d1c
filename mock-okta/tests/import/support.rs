//! A service provider in memory, and somebody who moves its answers.

use std::time::Duration;

use mock_okta::import::{Discovery, Import};
use mock_okta::{Outcome, Request, Response, Step};

/// Anything that asks page by page.
pub(crate) trait Asks {
    fn next(&mut self, response: Response) -> Step;
    fn resume(&mut self) -> Step;
}

impl Asks for Import {
    fn next(&mut self, response: Response) -> Step {
        Import::next(self, response)
    }

    fn resume(&mut self) -> Step {
        Import::resume(self)
    }
}

impl Asks for Discovery {
    fn next(&mut self, response: Response) -> Step {
        Discovery::next(self, response)
    }

    fn resume(&mut self) -> Step {
        Discovery::resume(self)
    }
}

/// Drives a flow to its end; `after` looks at it after every answer, and time passes at once.
pub(crate) fn drive<F: Asks>(
    flow: &mut F,
    mut step: Step,
    mut server: impl FnMut(&Request) -> Response,
    mut after: impl FnMut(&mut F, &Step),
) -> Outcome {
    loop {
        step = match step {
            Step::Send(request) => {
                let step = flow.next(server(&request));
                after(flow, &step);
                step
            }
            Step::Wait(pause) => {
                assert!(pause < Duration::from_secs(1_000_000));
                flow.resume()
            }
            Step::Done(outcome) => return outcome,
        };
    }
}

pub(crate) fn list(total: usize, start: usize, resources: &[String]) -> String {
    format!(
        r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":{total},"startIndex":{start},"itemsPerPage":{},"Resources":[{}]}}"#,
        resources.len(),
        resources.join(",")
    )
}

pub(crate) fn user(id: &str, given: &str, active: bool) -> String {
    format!(
        r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"{id}","userName":"{id}@example.test","name":{{"givenName":"{given}","familyName":"Byron"}},"emails":[{{"primary":true,"value":"{id}@example.test","type":"work"}}],"active":{active}}}"#
    )
}

pub(crate) fn group(id: &str, members: &[&str]) -> String {
    let members: Vec<String> = members.iter().map(|id| format!(r#"{{"value":"{id}"}}"#)).collect();
    format!(
        r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"{id}","displayName":"Group {id}","members":[{}]}}"#,
        members.join(",")
    )
}

/// Answers a request for a page out of a list, of which the `n`th resource is `nth(n)`, from 0.
pub(crate) fn page_of(request: &Request, total: usize, nth: impl Fn(usize) -> String) -> Response {
    let (start, count) = (parameter(request, "startIndex"), parameter(request, "count"));
    let from = (start - 1).min(total);
    let resources: Vec<String> = (from..(from + count).min(total)).map(nth).collect();
    Response::new(200, "OK", list(total, start, &resources))
}

fn parameter(request: &Request, name: &str) -> usize {
    let (_, query) = request.target.split_once('?').expect("a query");
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(key, _)| *key == name).expect("the parameter");
    value.parse().expect("a number")
}
