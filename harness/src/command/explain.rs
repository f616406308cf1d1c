//! `rehearsal explain`: what a name means, why it matters, how to mend it.

use super::Failure;
use crate::config::CONFIG_CODES;
use crate::exit::Exit;
use crate::likeness;
use crate::oin::OIN_CODES;
use crate::suites::{self, Suites};
use scim_specimen::{Fault, Variant};
use scim_suite::diagnostic::{CODES, STORY_CODES};
use scim_suite::{Action, Case, Fuzz, Standing};
use std::fmt::Write as _;
use std::io::{self, Write as _};

/// Explains a case, a reference, a diagnostic code, a fault or an exit code.
pub(super) fn execute(what: &str) -> Result<Exit, Failure> {
    let suites = suites::load(&[])?;
    let text = explain(what.trim(), &suites).ok_or_else(|| {
        let near = nearest(what, &suites).map_or_else(String::new, |near| format!("; did you mean {near:?}?"));
        Failure::Usage(format!("nothing here is called {what:?}{near}"))
    })?;
    io::stdout().write_all(text.as_bytes()).map_err(Failure::printing("the explanation cannot be printed"))?;
    Ok(Exit::Passed)
}

fn explain(what: &str, suites: &Suites) -> Option<String> {
    let without_app = what.split('@').next().unwrap_or(what);
    let case = suites.plan.cases.iter().find(|case| case.id == without_app);
    case.map(|case| explain_case(case, suites))
        .or_else(|| explain_requirement(what, suites))
        .or_else(|| explain_peer_check(what, suites))
        .or_else(|| explain_reference(what, suites))
        .or_else(|| explain_code(what))
        .or_else(|| explain_fault(what))
        .or_else(|| explain_variant(what))
        .or_else(|| explain_exit(what))
}

fn explain_case(case: &Case, suites: &Suites) -> String {
    let mut text = format!("{}\n{}\n\n", case.id, case.title);
    paragraph(&mut text, "rule", &case.rule);
    paragraph(&mut text, "level", &format!("{}, {}", case.level, case.basis));
    if let Some(disputed) = &case.disputed {
        paragraph(&mut text, "but", disputed);
    }
    for id in &case.refs {
        let reference = suites.catalog.reference(id).expect("the plan knows its references");
        paragraph(&mut text, "source", &format!("{id}: {} <{}>", reference.title, reference.url));
    }
    if let Some(consequence) = &case.consequence {
        paragraph(&mut text, "okta", consequence);
    }
    if let Some(mend) = &case.mend {
        paragraph(&mut text, "mend", mend);
    }
    for row in &case.bugs {
        let bug = suites.catalog.bug(*row).expect("the plan knows its vendor bugs");
        paragraph(&mut text, "seen", &format!("{}: {} <{}>", bug.project, bug.wrong, bug.url));
    }
    let apps: Vec<String> = case.apps.iter().map(ToString::to_string).collect();
    if !apps.is_empty() {
        paragraph(&mut text, "apps", &apps.join(", "));
    }
    text.push_str(&conditions(case));
    let at = case.source.location();
    paragraph(&mut text, "file", &format!("suites/{}:{}", at.file, at.line));
    match &case.fuzz {
        Some(fuzz) => text.push_str(&fuzz_text(fuzz)),
        None => text.push_str("\nsteps\n"),
    }
    for step in &case.steps {
        text.push_str(&step_text(&step.action, step.span.text(), step.why.as_deref()));
    }
    if let Some(golden) = &case.golden {
        let _ = writeln!(text, "\non the wire (suites/{})\n", golden.file);
        let file = golden.blocks.first().map(|block| block.span.file().text.clone()).unwrap_or_default();
        file.lines().for_each(|line| text.push_str(&format!("  {line}\n")));
    }
    text
}

/// Returns what is sent, where random inputs stand in the place of steps.
fn fuzz_text(fuzz: &Fuzz) -> String {
    let mut text = "\nrandom inputs\n".to_owned();
    let only = if fuzz.only.is_empty() { "every kind".to_owned() } else { fuzz.only.join(", ") };
    paragraph(&mut text, "over", &format!("{} ({only})", fuzz.over));
    paragraph(&mut text, "cases", &format!("{} (rehearsal fuzz --cases N sends another number)", fuzz.cases));
    for regression in &fuzz.regressions {
        let note = regression.note.as_ref().map(|note| format!(" · {note}")).unwrap_or_default();
        paragraph(&mut text, "first", &format!("{} ({}{note})", regression.input, regression.found));
    }
    text
}

/// Returns what must be so for the case to be judged at all.
fn conditions(case: &Case) -> String {
    let listed = |words: &mut dyn Iterator<Item = String>| words.collect::<Vec<_>>().join(", ");
    let mut text = String::new();
    for (label, words) in [
        ("after", listed(&mut case.requires.iter().map(|id| id.value.clone()))),
        ("needs", listed(&mut case.needs.iter().map(ToString::to_string))),
        ("lacks", listed(&mut case.lacks.iter().map(ToString::to_string))),
        ("given", listed(&mut case.given.iter().map(|given| given.span.text().to_owned()))),
    ] {
        if !words.is_empty() {
            paragraph(&mut text, label, &words);
        }
    }
    for reading in &case.readings {
        paragraph(&mut text, "reads", &format!("{}: {}", reading.name, reading.meaning));
    }
    text
}

/// Returns a step as its file has it, with what must come of it.
fn step_text(action: &Action, written: &str, why: Option<&str>) -> String {
    let (verb, expected) = match action {
        Action::Send(send) => {
            let statuses: Vec<String> = send.expect.status.iter().map(ToString::to_string).collect();
            let pattern = send.expect.json.as_ref().map(|pattern| pattern.span.text());
            let status = if statuses.is_empty() { String::new() } else { statuses.join(" or ") };
            ("send", [status, pattern.unwrap_or_default().to_owned()].join("\n"))
        }
        Action::Event(event) => {
            let pattern = event.expect.remote.as_ref().map(|pattern| pattern.span.text());
            ("do  ", pattern.map(|pattern| format!("then the server holds\n{pattern}")).unwrap_or_default())
        }
    };
    let mut text = format!("  {verb} {}\n", written.trim_matches(['"', '\'']));
    if let Some(why) = why {
        text.push_str(&format!("       ({why})\n"));
    }
    expected.lines().filter(|line| !line.trim().is_empty()).for_each(|line| text.push_str(&format!("       {line}\n")));
    text
}

fn explain_requirement(what: &str, suites: &Suites) -> Option<String> {
    let row = suites.catalog.requirements.iter().find(|row| row.id.eq_ignore_ascii_case(what))?;
    let mut text = format!("{}, {}\n<{}>\n\n", row.id, row.source, row.url);
    paragraph(&mut text, "rule", &row.rule);
    paragraph(&mut text, "level", &format!("{}; {}", row.level, row.breach.meaning(row.level)));
    if let Some(tolerate) = &row.tolerate {
        paragraph(&mut text, "legal", tolerate);
    }
    text.push_str(&standing(&row.standing(&suites.plan)));
    Some(text)
}

fn explain_peer_check(what: &str, suites: &Suites) -> Option<String> {
    let row = suites.catalog.peer_checks.iter().find(|row| row.id.eq_ignore_ascii_case(what))?;
    let mut text = format!("{}, a check of other testers ({})\n\n", row.id, row.area);
    paragraph(&mut text, "says", &row.asserts);
    paragraph(&mut text, "source", &row.source);
    text.push_str(&standing(&row.standing(&suites.plan)));
    Some(text)
}

fn standing(standing: &Standing<'_>) -> String {
    match standing {
        Standing::Covered(cases) => cases.iter().map(|case| format!("\n{}\n    {}\n", case.id, case.rule)).collect(),
        Standing::Outside(reason) | Standing::Reasoned(reason) => format!("\nno case looks at it: {reason}\n"),
        Standing::Open => "\nno case looks at it\n".to_owned(),
    }
}

fn explain_reference(what: &str, suites: &Suites) -> Option<String> {
    let reference = suites.catalog.references.iter().find(|entry| entry.id.eq_ignore_ascii_case(what))?;
    let mut text = format!("{}\n{}\n<{}>\n\n", reference.id, reference.title, reference.url);
    let cases: Vec<&Case> = suites.plan.cases.iter().filter(|case| case.refs.contains(&reference.id)).collect();
    if cases.is_empty() {
        text.push_str("no case rests on it\n");
    }
    for case in cases {
        let _ = writeln!(text, "{}\n    {}", case.id, case.rule);
    }
    Some(text)
}

fn explain_code(what: &str) -> Option<String> {
    let code = CODES
        .iter()
        .chain(STORY_CODES)
        .chain(CONFIG_CODES)
        .chain(OIN_CODES)
        .find(|code| code.code().eq_ignore_ascii_case(what))?;
    Some(format!("{}: {}\n\n{}\n\nmend   {}\n", code.code(), code.title(), code.explanation(), code.remedy()))
}

fn explain_fault(what: &str) -> Option<String> {
    let fault: Fault = what.parse().ok()?;
    let seen = fault.vendor_bug().map_or_else(String::new, |row| format!("seen   vendor bug {row}\n"));
    Some(format!(
        "{}, a {} of the specimen\n{}\n\nclause {}\n{seen}try    rehearsal specimen --fault {}\n",
        fault.name(),
        if fault.is_quirk() { "quirk" } else { "fault" },
        fault.summary(),
        fault.clause(),
        fault.name()
    ))
}

fn explain_variant(what: &str) -> Option<String> {
    let variant: Variant = what.parse().ok()?;
    let (name, says, clause) = (variant.name(), variant.what(), variant.clause());
    Some(format!(
        "{name}, a lawful variant of the specimen\n{says}\n\nclause {clause} allows it\ntry    rehearsal specimen --variant {name}\n"
    ))
}

fn explain_exit(what: &str) -> Option<String> {
    let number: u8 = what.strip_prefix("exit").unwrap_or(what).trim().parse().ok()?;
    let (_, meaning) = Exit::all().into_iter().find(|(exit, _)| exit.code() == number)?;
    Some(format!("exit code {number}: {meaning}\n"))
}

fn paragraph(text: &mut String, label: &str, body: &str) {
    let _ = writeln!(text, "{label:<7}{body}");
}

fn nearest(what: &str, suites: &Suites) -> Option<String> {
    let cases = suites.plan.cases.iter().map(|case| case.id.clone());
    let references = suites.catalog.references.iter().map(|reference| reference.id.clone());
    let faults = Fault::faults().iter().chain(Fault::quirks()).map(|fault| fault.name().to_owned());
    let variants = Variant::all().map(|variant| variant.name().to_owned());
    likeness::nearest(what, cases.chain(references).chain(faults).chain(variants))
}
