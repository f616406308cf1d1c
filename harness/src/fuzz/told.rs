//! What the driver found, as reports tell it: redacted, with the commands and the lines that show it again.

use super::Breach;
use super::contrast::Contrast;
use super::driver::{Found, Origin};
use super::perform::Stand;
use super::shrink::Certainty;
use crate::case::{basis, level, location, scrub};
use crate::{curl, gate};
use scim_record::{Exchange, Finding, FuzzFinding, Verdict};

/// Returns the finding, unless the gate leaves it unmentioned.
pub(super) fn finding(stand: &Stand<'_, '_>, number: usize, found: &Found) -> Option<Finding> {
    let (case, client, breach) = (stand.trial.case, stand.client, &found.breach);
    let (level, basis) = (breach.level.unwrap_or(level(case.level)), basis(case.basis));
    let verdict = gate::verdict(stand.settings.gate, level, basis, case.disputed.is_some(), breach.kind)?;
    let redact = |text: &str| client.redactor().text(text);
    let (verdict, doubt) = match found.certainty {
        Certainty::Always => (verdict, String::new()),
        Certainty::Sometimes { seen, of } => (
            Verdict::Warn,
            format!(" (flaky: of {of} times that the input was sent again, it showed {seen} times, so it only warns)"),
        ),
        Certainty::Unknown => {
            (Verdict::Warn, " (the run ended before it could be looked at again, so it only warns)".to_owned())
        }
    };
    let input = redact(&found.input);
    let origin = origin(stand, found.origin);
    let evidence: Vec<(usize, Exchange)> =
        found.evidence.exchanges.iter().filter_map(|index| Some((*index, client.recorded(*index)?))).collect();
    let commands: Vec<String> = evidence.iter().map(|(_, exchange)| curl::command(exchange, client.base())).collect();
    let (expected, actual) = sides(breach);
    let place = match found.origin {
        Origin::Known(at) if stand.settings.fuzz.replay.is_none() => {
            stand.fuzz.regressions.get(at).map_or(&stand.fuzz.span, |regression| &regression.span)
        }
        _ => &stand.fuzz.span,
    };
    Some(Finding {
        verdict,
        level,
        basis,
        step: step(number),
        message: format!("{}: {}{doubt}", breach.law, redact(&breach.message)),
        pointer: None,
        expected: expected.as_deref().map(|text| scrub(client.redactor(), text)),
        actual: actual.as_deref().map(|text| scrub(client.redactor(), text)),
        location: Some(location(place)),
        exchange: at_fault(found, &evidence),
        curl: (!commands.is_empty()).then(|| commands.join("\n")),
        fuzz: Some(FuzzFinding {
            law: breach.law.to_owned(),
            identity: redact(&breach.identity),
            regression: regression(&input, &format!("{}, {origin}: {}", stand.trial, redact(&breach.identity))),
            input,
            origin,
        }),
        fingerprint: String::new(),
    })
}

/// Returns what was to be expected and what came; of two states where they differ, and then the whole of them.
fn sides(breach: &Breach) -> (Option<String>, Option<String>) {
    let (expected, actual) = (breach.expected.clone(), breach.actual.clone());
    match expected.as_deref().zip(actual.as_deref()).and_then(|(expected, actual)| Contrast::of_texts(expected, actual))
    {
        Some(contrast) => {
            let beside = |places: String, whole: Option<String>| whole.map(|whole| format!("{places}whole: {whole}"));
            (beside(contrast.expected, expected), beside(contrast.actual, actual))
        }
        None => (expected, actual),
    }
}

/// Returns the exchange that a reader has to look at: the last that brought a server error or no answer where that is the
/// matter, the last request that the input is about otherwise.
fn at_fault(found: &Found, evidence: &[(usize, Exchange)]) -> Option<usize> {
    let fails = |exchange: &Exchange| exchange.response.as_ref().is_none_or(|response| response.status >= 500);
    let failing = || evidence.iter().rfind(|(_, exchange)| fails(exchange));
    let failing = (found.breach.kind == gate::Kind::ServerFailure).then(failing).flatten();
    let last = || evidence.last().map(|(index, _)| *index);
    failing.map(|(index, _)| *index).or(found.evidence.tested).or_else(last)
}

/// Returns what the exchanges of a finding are kept as.
pub(super) fn step(number: usize) -> String {
    format!("finding {}", number + 1)
}

fn origin(stand: &Stand<'_, '_>, origin: Origin) -> String {
    match (origin, &stand.settings.fuzz.replay) {
        (Origin::Random(number), _) => format!("input {number} of seed {}", stand.settings.seed),
        (Origin::Known(at), Some(_)) => format!("replayed input {}", at + 1),
        (Origin::Known(at), None) => match stand.fuzz.regressions.get(at) {
            Some(regression) => format!("the regression of {}", regression.found),
            None => format!("regression {}", at + 1),
        },
    }
}

/// Returns the lines that make an input a regression of a suite.
fn regression(input: &str, note: &str) -> String {
    let today = jiff::Zoned::now().date();
    format!("[[case.fuzz.regression]]\nfound = \"{today}\"\ninput = {}\nnote = {}\n", quoted(input), quoted(note))
}

/// Writes a text as a string of TOML 1.0: as it is where that is possible, with escapes where it is not.
fn quoted(text: &str) -> String {
    let is_plain = |letter: char| !letter.is_control() && !is_hidden(letter);
    let is_one_line = text.chars().all(|letter| is_plain(letter) && letter != '\'');
    let is_literal = text.chars().all(|letter| is_plain(letter) || letter == '\n') && !text.contains("'''");
    if is_one_line {
        format!("'{text}'")
    } else if is_literal && !text.ends_with('\'') {
        // TOML leaves out a line break right behind the opening quotes.
        format!("'''\n{text}'''")
    } else {
        format!("\"{}\"", text.chars().map(escaped).collect::<String>())
    }
}

fn escaped(letter: char) -> String {
    match letter {
        '"' => "\\\"".to_owned(),
        '\\' => "\\\\".to_owned(),
        '\n' => "\\n".to_owned(),
        '\t' => "\\t".to_owned(),
        letter if letter.is_control() || is_hidden(letter) => format!("\\U{:08X}", u32::from(letter)),
        letter => letter.to_string(),
    }
}

/// Returns whether a letter changes how its neighbours look, or cannot be seen: nobody could copy it.
fn is_hidden(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regression_is_toml_that_holds_the_input_whatever_is_in_it() {
        for input in [
            "userName pr",
            r#"not (userName eq "a\"b")"#,
            "it's",
            "it''s\n'quoted'",
            "'''",
            "{\n  \"a\": '''\n}\n",
            "\u{202e}\u{0}\u{7f}\u{85}\r\n\ttab",
            "\\",
            "",
            "ends with '",
            "\n\nstarts with lines",
        ] {
            let text = regression(input, "fuzz/filter/x, input 7");
            let table: toml::Table = text.parse().unwrap_or_else(|cause| panic!("{input:?}: {cause}\n{text}"));
            let read = &table["case"]["fuzz"]["regression"][0];
            assert_eq!(read["input"].as_str(), Some(input), "{text}");
            assert!(text.chars().all(|letter| letter == '\n' || !letter.is_control()), "{text:?}");
        }
    }
}
