//! Runscope's export format: from a file to steps.
//!
//! An export holds more than a run needs (statistics, trigger URLs); unknown members are passed over. What a run does
//! need and this program does not know is an error, so that a test never looks done when it was not.

use super::compare::Comparison;
use super::path::Path;
use super::read;
use super::source::{FormatError, Node, Object, REMEDY, SourceFile, Span};
use super::template::Template;
use super::variables::Variables;
use std::time::Duration;

/// A suite file, checked.
#[derive(Debug)]
pub(crate) struct Suite {
    /// What reports call it: `runscope/` and the name of the file.
    pub(crate) id: String,
    /// What its author calls it.
    pub(crate) name: String,
    /// Variables that the file itself gives a value.
    pub(crate) initial: Vec<(String, Template)>,
    /// What happens, in order.
    pub(crate) items: Vec<Item>,
}

/// One thing that happens.
#[derive(Debug)]
pub(crate) enum Item {
    /// Nothing, for a while.
    Pause(Duration),
    /// A step with something to tell.
    Case(Case),
}

/// A step with something to tell.
#[derive(Debug)]
pub(crate) struct Case {
    /// The full id.
    pub(crate) id: String,
    /// Its number among the cases, from 1.
    pub(crate) number: usize,
    /// What its author calls it.
    pub(crate) title: String,
    /// Whether its name says that a server may fail it.
    pub(crate) is_optional: bool,
    /// Where it stands.
    pub(crate) span: Span,
    /// The variables it fills if all goes well.
    pub(crate) brings: Vec<String>,
    /// What is to be done.
    pub(crate) deed: Deed,
}

/// What a step does.
#[derive(Debug)]
pub(crate) enum Deed {
    /// It sends a request and looks at the answer.
    Send(Box<Send>),
    /// It is not run, for this reason.
    NotRun(String),
}

/// A request and what is expected of the answer.
#[derive(Debug)]
pub(crate) struct Send {
    /// The method, in capitals.
    pub(crate) method: String,
    /// The whole URL.
    pub(crate) url: Template,
    /// The headers, in the file's order; a name may repeat.
    pub(crate) headers: Vec<(String, Template)>,
    /// User and password of HTTP Basic.
    pub(crate) basic: Option<(Template, Template)>,
    /// The body.
    pub(crate) body: Body,
    /// What must hold of the answer.
    pub(crate) assertions: Vec<Assertion>,
    /// What is taken from the answer.
    pub(crate) extractions: Vec<Extraction>,
    /// Scripts for after the answer, with their places.
    pub(crate) scripts: Vec<(String, Span)>,
}

/// The body of a request.
#[derive(Debug)]
pub(crate) enum Body {
    /// None.
    None,
    /// A text.
    Text(Template),
    /// A form, to be sent percent-encoded.
    Form(Vec<(String, Template)>),
}

/// One statement about an answer.
#[derive(Debug)]
pub(crate) struct Assertion {
    /// What it looks at.
    pub(crate) subject: Subject,
    /// How it compares.
    pub(crate) comparison: Comparison,
    /// With what.
    pub(crate) target: Template,
    /// What a report underlines: the property, or else the target.
    pub(crate) span: Span,
}

/// A value taken from an answer.
#[derive(Debug)]
pub(crate) struct Extraction {
    /// The variable it goes to.
    pub(crate) name: String,
    /// Where it comes from.
    pub(crate) subject: Subject,
    /// Where this is written.
    pub(crate) span: Span,
}

/// A part of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Subject {
    /// The status code.
    Status,
    /// A part of the body as JSON, with the path as written.
    Json(Path, String),
    /// A header.
    Header(String),
    /// The body as text.
    Text,
    /// How long the answer took, in milliseconds.
    Time,
    /// How many bytes the body has.
    Size,
}

impl Suite {
    /// Reads a suite file whose name without ending is `stem`.
    ///
    /// # Errors
    /// If the file is no export, or asks for something this program does not know; the place is told.
    pub(crate) fn parse(file: &SourceFile, stem: &str) -> Result<Suite, FormatError> {
        let root = file.root()?;
        let tests = if root.is_array() { root.array("the file")? } else { vec![root] };
        let mut suite = Suite {
            id: format!("runscope/{}", slug(stem)),
            name: String::new(),
            initial: Vec::new(),
            items: Vec::new(),
        };
        for test in tests {
            suite.add(&test.object("the test")?)?;
        }
        if suite.cases().next().is_none() {
            return Err(root.error("the test has no steps", REMEDY));
        }
        Ok(suite)
    }

    /// Returns the steps with something to tell.
    pub(crate) fn cases(&self) -> impl Iterator<Item = &Case> {
        self.items.iter().filter_map(|item| match item {
            Item::Case(case) => Some(case),
            Item::Pause(_) => None,
        })
    }

    /// Makes sure that every variable has a value by the time it is needed.
    ///
    /// # Errors
    /// If some have none: the place of the first is told, and how to give them.
    pub(crate) fn check(&self, file: &SourceFile, variables: &Variables) -> Result<(), FormatError> {
        let mut known: Vec<&str> = Vec::new();
        let mut needed: Vec<(&str, Span)> = Vec::new();
        for case in self.cases() {
            needed.extend(needs(&case.deed.request_templates(), &known));
            // Extractions come before assertions.
            known.extend(case.brings.iter().map(String::as_str));
            needed.extend(needs(&case.deed.targets(), &known));
        }
        let missing = variables.missing(needed.iter().map(|(name, _)| *name));
        match needed.iter().find(|(name, _)| missing.contains(name)) {
            Some((_, span)) => Err(unset(file, *span, &missing)),
            None => Ok(()),
        }
    }

    fn add(&mut self, test: &Object<'_>) -> Result<(), FormatError> {
        if self.name.is_empty() {
            self.name = test.text("name")?.unwrap_or_default();
        }
        for holder in read::environments(test)? {
            self.add_initial(&holder)?;
        }
        let steps = test.get("steps").ok_or_else(|| {
            test.node.error("there are no `steps`, so this is no test exported from Runscope", REMEDY)
        })?;
        for step in steps.array("steps")? {
            self.add_step(step)?;
        }
        Ok(())
    }

    fn add_initial(&mut self, holder: &Object<'_>) -> Result<(), FormatError> {
        if let Some(node) = holder.get("initial_variables") {
            for (name, node) in node.object("initial_variables")?.members {
                self.initial.push((name.clone(), Template::parse(&node.text(&name)?, node)?));
            }
        }
        for name in ["script", "initial_script"] {
            if let Some(node) = holder.get(name).filter(|_| holder.holds(name)) {
                let reason = format!("{}; give what it sets by --var", read::SCRIPT);
                self.push("Initial script".to_owned(), node, Vec::new(), Deed::NotRun(reason));
            }
        }
        Ok(())
    }

    fn add_step(&mut self, node: Node<'_>) -> Result<(), FormatError> {
        let step = node.object("a step")?;
        let kind = step.text("step_type")?.ok_or_else(|| node.error("the step has no `step_type`", REMEDY))?;
        match kind.as_str() {
            "pause" if step.holds("skipped") => {}
            "pause" => self.items.push(Item::Pause(read::duration(&step)?)),
            "request" => {
                let method = step.text("method")?.unwrap_or_else(|| "GET".to_owned()).to_uppercase();
                let url = step.get("url").ok_or_else(|| node.error("the request has no `url`", REMEDY))?.text("url")?;
                let title = step.text("note")?.filter(|note| !note.trim().is_empty());
                let title = title.map_or_else(|| format!("{method} {url}"), |note| note.trim().to_owned());
                let deed = match read::hindrance(&step)? {
                    Some(reason) => Deed::NotRun(reason),
                    None => Deed::Send(Box::new(read::send(&step, method)?)),
                };
                self.push(title, node, read::brings(&step)?, deed);
            }
            "condition" => {
                let within = step.array("steps")?.len();
                let reason = format!("conditions are not evaluated, so neither are the {within} steps within");
                self.push("Condition".to_owned(), node, Vec::new(), Deed::NotRun(reason));
            }
            other => {
                let title = step.text("note")?.unwrap_or_else(|| format!("A step of the type {other}"));
                self.push(title, node, Vec::new(), Deed::NotRun(format!("steps of the type `{other}` are not known")));
            }
        }
        Ok(())
    }

    fn push(&mut self, title: String, node: Node<'_>, brings: Vec<String>, deed: Deed) {
        let number = self.cases().count() + 1;
        self.items.push(Item::Case(Case {
            id: format!("{}/{number:02}-{}", self.id, slug(&title)),
            number,
            is_optional: slug(&title).split('-').any(|word| word == "optional"),
            title,
            span: node.span(),
            brings,
            deed,
        }));
    }
}

impl Deed {
    /// Returns the templates a request is made of.
    fn request_templates(&self) -> Vec<&Template> {
        let Deed::Send(send) = self else { return Vec::new() };
        let mut templates = vec![&send.url];
        templates.extend(send.headers.iter().map(|(_, value)| value));
        templates.extend(send.basic.iter().flat_map(|(user, password)| [user, password]));
        match &send.body {
            Body::None => {}
            Body::Text(text) => templates.push(text),
            Body::Form(fields) => templates.extend(fields.iter().map(|(_, value)| value)),
        }
        templates
    }

    /// Returns the templates that assertions compare with.
    fn targets(&self) -> Vec<&Template> {
        let Deed::Send(send) = self else { return Vec::new() };
        send.assertions.iter().map(|assertion| &assertion.target).collect()
    }
}

impl Subject {
    /// Returns what a sentence calls it.
    pub(crate) fn name(&self) -> String {
        match self {
            Subject::Status => "the status".to_owned(),
            Subject::Json(_, text) if text.is_empty() => "the body".to_owned(),
            Subject::Json(_, text) => text.clone(),
            Subject::Header(name) => format!("the header {name}"),
            Subject::Text => "the body's text".to_owned(),
            Subject::Time => "the response time".to_owned(),
            Subject::Size => "the size of the body".to_owned(),
        }
    }
}

/// Returns the variables that templates need and that are not known, with the places that need them.
fn needs<'t>(templates: &[&'t Template], known: &[&str]) -> Vec<(&'t str, Span)> {
    let of_one = |template: &&'t Template| {
        let span = template.span();
        let names = template.names().filter(|name| !known.contains(name));
        names.map(|name| (name, span)).collect::<Vec<_>>()
    };
    templates.iter().flat_map(of_one).collect()
}

fn unset(file: &SourceFile, span: Span, missing: &[&str]) -> FormatError {
    let holes: Vec<String> = missing.iter().map(|name| format!("{{{{{name}}}}}")).collect();
    let options: Vec<String> = missing
        .iter()
        .map(|name| format!("--var {name}={}", if super::sounds_secret(name) { "env:NAME" } else { "…" }))
        .collect();
    let verb = if missing.len() == 1 { "has" } else { "have" };
    let what = format!("{} {verb} no value", holes.join(", "));
    FormatError::at(file, span, what, format!("add {}", options.join(" ")))
}

/// Returns a text as part of an id: lower-case letters and digits, with hyphens between.
fn slug(text: &str) -> String {
    let words: Vec<String> = text
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let slug: String = words.join("-").chars().take(60).collect();
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::Seed;

    fn parse(text: &str) -> Result<Suite, String> {
        Suite::parse(&SourceFile::new("x.json", text), "My File v2").map_err(|error| error.to_string())
    }

    fn step(members: &str) -> Result<Suite, String> {
        parse(&format!(r#"{{"steps":[{{"step_type":"request","url":"/x",{members}}}]}}"#))
    }

    #[test]
    fn steps_are_numbered_and_named_after_their_notes() {
        let suite = parse(
            r#"{"name": "N", "steps": [
                {"step_type": "request", "url": "{{SCIMBaseURL}}/Users", "note": "Optional Test: one "},
                {"step_type": "pause", "duration": "5"},
                {"step_type": "request", "method": "post", "url": "/x", "note": ""},
                {"step_type": "condition", "steps": [{}, {}]},
                {"step_type": "ghost-inspector"},
                {"step_type": "pause", "duration": 1, "skipped": true}]}"#,
        )
        .unwrap();
        let ids: Vec<&str> = suite.cases().map(|case| case.id.as_str()).collect();
        assert_eq!(
            ids,
            [
                "runscope/my-file-v2/01-optional-test-one",
                "runscope/my-file-v2/02-post-x",
                "runscope/my-file-v2/03-condition",
                "runscope/my-file-v2/04-a-step-of-the-type-ghost-inspector"
            ]
        );
        let optional: Vec<bool> = suite.cases().map(|case| case.is_optional).collect();
        assert_eq!(optional, [true, false, false, false]);
        assert_eq!(suite.items.len(), 5);
        assert_eq!(suite.name, "N");
    }

    #[test]
    fn what_cannot_be_done_faithfully_is_not_run_and_says_why() {
        for (members, reason) in [
            (r#""skipped": true"#, "marks the step as skipped"),
            (r#""before_scripts": ["request.url = 1;"]"#, "scripts are not run"),
            (r#""multipart_form": [{"a": 1}]"#, "forms of several parts"),
            (r#""auth": {"auth_type": "oauth1"}"#, "`oauth1` is not known"),
        ] {
            let suite = step(members).unwrap();
            let Some(Deed::NotRun(told)) = suite.cases().map(|case| &case.deed).next() else { panic!("{members}") };
            assert!(told.contains(reason), "{told}");
        }
        let harmless = r#""before_scripts": [" "], "multipart_form": [], "binary_body": null, "auth": {}, "form": {}"#;
        assert!(matches!(step(harmless).unwrap().cases().next().unwrap().deed, Deed::Send(_)));
    }

    #[test]
    fn headers_are_read_in_both_spellings_and_nameless_variables_passed_over() {
        let suite = step(
            r#""headers": {"A": ["1", "2"], "B": "3"}, "variables": [{"source": "response_json", "name": null}],
               "auth": {"auth_type": "basic", "username": "u", "password": "{{p}}"}"#,
        )
        .unwrap();
        let Deed::Send(send) = &suite.cases().next().unwrap().deed else { panic!("it can be sent") };
        let names: Vec<&str> = send.headers.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["A", "A", "B"]);
        assert!(send.extractions.is_empty() && send.basic.is_some());
    }

    #[test]
    fn what_is_not_known_is_told_with_its_place_and_a_remedy() {
        for (text, expected) in [
            ("[]", "./x.json:1:1: the test has no steps; "),
            ("{\"name\": \"x\"}", "./x.json:1:1: there are no `steps`"),
            ("{\"steps\": 3}", "./x.json:1:11: `steps` is not an array; "),
            ("{\"steps\": [\n{}]}", "./x.json:2:1: the step has no `step_type`; "),
            (
                "{\"steps\": [{\"step_type\": \"pause\", \"duration\": \"x\"}]}",
                "./x.json:1:47: the `duration` of a pause is no number",
            ),
            (
                "{\"steps\": [{\"step_type\": \"request\", \"url\": \"/\", \"assertions\": [\n  {\"comparison\": \"matches\", \"source\": \"response_text\"}]}]}",
                "./x.json:2:18: `matches` is no comparison this program knows; these are known: equal, ",
            ),
            (
                "{\"steps\": [{\"step_type\": \"request\", \"url\": \"/\", \"assertions\": [\n  {\"comparison\": \"equal\", \"source\": \"response_xml\"}]}]}",
                "./x.json:2:37: `response_xml` is no source",
            ),
            (
                "{\"steps\": [{\"step_type\": \"request\", \"url\": \"/\", \"assertions\": [\n  {\"comparison\": \"empty\", \"source\": \"response_json\", \"property\": \"a[\"}]}]}",
                "./x.json:2:66: `a[` is no path: ",
            ),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.starts_with(expected), "{error}");
        }
    }

    #[test]
    fn variables_without_a_value_are_all_told_at_once() {
        let text = r#"{"steps": [{"step_type": "request", "url": "{{SCIMBaseURL}}/{{kind}}",
            "headers": {"Authorization": "SSWS {{oktaToken}}"},
            "variables": [{"source": "response_json", "property": "id", "name": "id"}],
            "assertions": [{"comparison": "equal", "source": "response_text", "value": "{{id}}"}]}]}"#;
        let file = SourceFile::new("x.json", text);
        let suite = Suite::parse(&file, "x").unwrap();
        let mut variables = Variables::new(Seed(7), "x").at("https://h", None);
        let error = suite.check(&file, &variables).unwrap_err().to_string();
        assert_eq!(
            error,
            "./x.json:1:44: {{kind}}, {{oktaToken}} have no value; add --var kind=… --var oktaToken=env:NAME"
        );
        variables.set("kind", "Users");
        variables.set("oktaToken", "t");
        suite.check(&file, &variables).unwrap();
    }
}
