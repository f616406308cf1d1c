//! What an answer to a PATCH, and the resource afterwards, say about the server.

use super::rig::{Arranged, object_of, told};
use crate::fuzz::contrast::Contrast;
use crate::fuzz::{Breach, Judgement};
use crate::gate::Kind;
use scim_fuzz::patch::{
    self, Context, Difference, Law, Prediction, Standing, Trial, broken, differences, form_of, is_same,
};
use scim_lang::filter::instant;
use scim_record::Level;
use scim_transport::Reply;
use serde_json::Value;

/// A trial as it was carried out.
pub(super) struct Played<'p> {
    /// The trial, with names and ids in it.
    pub(super) trial: &'p Trial,
    /// The resource before.
    pub(super) arranged: &'p Arranged,
    /// What the PATCH was answered with.
    pub(super) reply: &'p Reply,
    /// What a GET was answered with afterwards.
    pub(super) read: &'p Reply,
}

impl Played<'_> {
    /// Judges the trial by the reference algorithm.
    pub(super) fn judge(&self) -> Judgement {
        let Trial { law, resource, operations, .. } = self.trial;
        let prediction = patch::predict(*resource, &self.arranged.before, operations, *law == Law::Okta);
        if matches!(self.reply.status, 405 | 501) {
            return Judgement::Unsupported(format!("PATCH of a {}", resource.name()));
        }
        if let Some(breach) = failing(self.reply, "the PATCH").or_else(|| failing(self.read, "the GET after the PATCH"))
        {
            return self.told(breach, &prediction);
        }
        let Some(after) = object_of(self.read).filter(|_| self.read.status == 200) else {
            let message = format!("after the PATCH the resource cannot be read: {}", told(self.read));
            return self.told(self.breach(GONE, "", message), &prediction);
        };
        match self.reply.status {
            200..300 => self.judge_success(&prediction, &after),
            400..500 => self.judge_refusal(&prediction, &after),
            status => {
                let message = format!("the PATCH is answered with {status}, which is neither success nor failure");
                self.told(self.breach(ANSWER, "status", message), &prediction)
            }
        }
    }

    fn judge_success(&self, prediction: &Prediction, after: &Value) -> Judgement {
        if let Some(breach) = self.misstated(after) {
            return self.told(breach, prediction);
        }
        let context =
            Context::of(self.trial.resource, &self.arranged.sent, &self.arranged.before, &self.trial.operations);
        let against = |state: &Value| differences(self.trial.resource, state, after, &context);
        let reached =
            prediction.states().filter(|(state, _)| against(state).is_empty()).map(|(_, standing)| standing).min();
        // A broken invariant says more than a state that differs.
        if let Some(invariant) = broken(self.trial.resource, &self.arranged.before, after) {
            return self.told(self.breach(invariant.law, "", invariant.message), prediction);
        }
        match reached {
            Some(Standing::Lawful) => match self.misdated(prediction, after) {
                Some(breach) => self.told(breach, prediction),
                None => Judgement::Holds,
            },
            Some(Standing::Dialect(text)) => Judgement::Unsupported(text.to_owned()),
            Some(Standing::Unwise(text)) => {
                let breach = self.breach(self.trial.law.name(), "unwise", format!("RFC 7644 §3.5.2: {text}"));
                self.told(Breach { level: Some(Level::Should), ..breach }, prediction)
            }
            None => match prediction.states().next() {
                Some((expected, _)) => self.told(self.differing(&against(expected)), prediction),
                None => self.told(self.accepted(prediction, after), prediction),
            },
        }
    }

    fn judge_refusal(&self, prediction: &Prediction, after: &Value) -> Judgement {
        if let Some(message) = self.changed(after) {
            return self.told(self.breach("a-refused-patch-changes-nothing", "", message), prediction);
        }
        let refused =
            || self.breach(self.trial.law.name(), "refused", format!("the PATCH is refused: {}", told(self.reply)));
        match prediction.refusal() {
            Some(Standing::Lawful) => Judgement::Holds,
            Some(Standing::Dialect(text)) => Judgement::Unsupported(text.to_owned()),
            Some(Standing::Unwise(text)) => {
                let message = format!("the PATCH is refused ({}), but {text}", told(self.reply));
                self.told(Breach { level: Some(Level::Should), message, ..refused() }, prediction)
            }
            None => self.told(refused(), prediction),
        }
    }

    /// RFC 7644 §3.5.2: success is 200 with the whole resource, or 204 without a body.
    fn misstated(&self, after: &Value) -> Option<Breach> {
        let stated = match (self.reply.status, object_of(self.reply)) {
            (204, _) => return None,
            (200, Some(stated)) => stated,
            (200, None) => {
                let message = "the PATCH is answered with 200 and no resource".to_owned();
                return Some(self.breach(ANSWER, "no-body", message));
            }
            (status, _) => {
                let message = format!("the PATCH is answered with {status} instead of 200 or 204");
                return Some(self.breach(ANSWER, "status", message));
            }
        };
        let resource = self.trial.resource;
        let agrees = is_same(resource, &stated, after) && stated.get("id") == after.get("id");
        (!agrees).then(|| {
            let found = differences(resource, &stated, after, &Context::default());
            let lost = differences(resource, after, &stated, &Context::default());
            let first = found.iter().chain(&lost).next().map(|it| it.path.clone()).unwrap_or_else(|| "id".to_owned());
            let message = format!("what the PATCH answers is not what a GET shows afterwards: `{first}` differs");
            let breach = self.breach("the-answer-is-what-is-stored", "", message);
            let contrast = Contrast::of(&stated, after);
            let differs = contrast.expected + "in the answer, and read:\n" + &contrast.actual;
            Breach { actual: Some(format!("{differs}answered: {stated}\nread: {after}")), ..breach }
        })
    }

    fn misdated(&self, prediction: &Prediction, after: &Value) -> Option<Breach> {
        let date = |resource: &Value| resource.pointer(MODIFIED).and_then(Value::as_str).map(str::to_owned);
        let (before, after) = (date(&self.arranged.before)?, date(after)?);
        if prediction.keeps_time && before != after {
            let message = format!("adding what is there moves `meta.lastModified` from {before} to {after}");
            let breach = self.breach("adding-what-is-there-keeps-the-date", "", message);
            return Some(Breach { level: Some(Level::Should), ..breach });
        }
        let goes_back = instant(&before).zip(instant(&after)).is_some_and(|(before, after)| after < before);
        goes_back.then(|| {
            let message = format!("`meta.lastModified` goes back from {before} to {after}");
            self.breach("origin-stays", "date", message)
        })
    }

    /// Says what a request that was refused has changed.
    fn changed(&self, after: &Value) -> Option<String> {
        let (resource, before) = (self.trial.resource, &self.arranged.before);
        let found = differences(resource, before, after, &Context::default());
        let lost = differences(resource, after, before, &Context::default());
        if let Some(first) = found.first().or(lost.first()) {
            let status = self.reply.status;
            return Some(format!("the PATCH is refused with {status}, and `{}` has changed all the same", first.path));
        }
        let moved =
            |pointer: &str| before.pointer(pointer).is_some() && before.pointer(pointer) != after.pointer(pointer);
        let pointer = [MODIFIED, "/meta/version"].into_iter().find(|pointer| moved(pointer))?;
        let name = pointer.trim_start_matches('/').replace('/', ".");
        Some(format!("the PATCH is refused with {}, and `{name}` has moved all the same", self.reply.status))
    }

    fn differing(&self, found: &[Difference]) -> Breach {
        let listed: Vec<String> = found.iter().take(5).map(ToString::to_string).collect();
        let message = format!("after the PATCH the resource is not as it should be: {}", listed.join("; "));
        self.breach(self.trial.law.name(), "state", message)
    }

    fn accepted(&self, prediction: &Prediction, after: &Value) -> Breach {
        let reason = prediction.reason.map_or(String::new(), |reason| format!(" with 400 {}", reason.name()));
        let done = match is_same(self.trial.resource, &self.arranged.before, after) {
            true => "changes nothing and succeeds",
            false => "is carried out",
        };
        let message = format!("a PATCH that has to be refused{reason} {done}");
        // Whatever the operation is, a server either looks at this reason to refuse it or does not.
        let identity = format!("{}/{}/accepted{reason}", self.trial.law.name(), self.trial.resource.name());
        Breach { identity, ..self.breach(self.trial.law.name(), "accepted", message) }
    }

    /// A breach whose identity is the law and the kind of resource; where the reference is the law, the form of the last
    /// operation, too.
    ///
    /// The last operation is to blame: the first operations of the request that break it are looked for.
    fn breach(&self, law: &'static str, word: &str, message: String) -> Breach {
        let resource = self.trial.resource;
        let last = self.trial.operations.last().filter(|_| law == self.trial.law.name());
        let form = last.map(|last| form_of(resource, last).to_string()).unwrap_or_default();
        Breach {
            law,
            identity: format!("{law}/{}/{form}/{word}", resource.name()),
            message,
            expected: None,
            actual: None,
            level: None,
            kind: Kind::Expectation,
        }
    }

    fn told(&self, breach: Breach, prediction: &Prediction) -> Judgement {
        let lawful = prediction.states().find(|(_, standing)| *standing == Standing::Lawful);
        let refused = (prediction.refusal() == Some(Standing::Lawful)).then_some(&self.arranged.before);
        let state = lawful.map(|(state, _)| state).or(refused);
        // What differs stands first, because reports cut what is long.
        let contrast = match (state, object_of(self.read), &breach.actual) {
            (Some(state), Some(after), None) => Contrast::of(state, &after),
            _ => Contrast::default(),
        };
        let actual = breach.actual.clone().unwrap_or_else(|| actual(self.reply, self.read));
        Judgement::Broken(Box::new(Breach {
            expected: Some(contrast.expected + &expected(self.arranged, prediction)),
            actual: Some(contrast.actual + &actual),
            ..breach
        }))
    }
}

/// Returns a breach where the server fails by itself.
pub(super) fn failing(reply: &Reply, what: &str) -> Option<Breach> {
    let fails = reply.status >= 500 && reply.status != 501;
    fails.then(|| Breach {
        law: "no-request-breaks-the-server",
        identity: format!("no-request-breaks-the-server/{what}"),
        message: format!("{what} is answered with {}", told(reply)),
        expected: None,
        actual: None,
        level: None,
        kind: Kind::ServerFailure,
    })
}

fn expected(arranged: &Arranged, prediction: &Prediction) -> String {
    let mut lines = vec![format!("before: {}", arranged.before)];
    let mut or = "";
    for (state, _) in prediction.states().filter(|(_, standing)| *standing == Standing::Lawful).take(MOST_SHOWN) {
        lines.push(format!("{or}after: {state}"));
        or = "or ";
    }
    if prediction.refusal() == Some(Standing::Lawful) {
        let reason = prediction.reason.map_or(String::new(), |reason| format!(" {}", reason.name()));
        lines.push(format!("{or}after: as before, the request being refused with 400{reason}"));
    }
    lines.join("\n")
}

fn actual(reply: &Reply, read: &Reply) -> String {
    let after = object_of(read).map_or_else(|| told(read), |body| body.to_string());
    format!("answer: {}\nafter: {after}", told(reply))
}

const GONE: &str = "the-resource-stays";
const ANSWER: &str = "the-answer-is-200-or-204";
const MODIFIED: &str = "/meta/lastModified";
const MOST_SHOWN: usize = 3;
