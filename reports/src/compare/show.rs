//! A comparison for a person at a terminal, for a pull request, and for programs.

use super::{Change, Comparison, Ending};
use crate::line::{self, Line, Role};
use crate::text::{clip, counted, duration, inert, visible};

impl Comparison {
    /// Returns the comparison as text for a terminal, with or without colour.
    pub fn text(&self, colour: bool) -> String {
        let mut lines: Vec<Line> = self
            .notes
            .iter()
            .map(|note| Line::of(Role::Doubtful, "NOTE").with(Role::Plain, &format!(" {note}")))
            .collect();
        for section in self.sections() {
            if section.changes.is_empty() {
                continue;
            }
            let title = format!(" {}", section.claim(section.changes.len()));
            lines.push(Line::of(section.role, section.word).with(Role::Plain, &title));
            for change in section.changes.iter().take(MOST) {
                lines.push(Line::plain("  ").with(Role::Strong, &change.case));
                lines
                    .push(Line::plain("      ").with(Role::Faint, &clip(&told(change, section.is_about_time), REASON)));
            }
            lines.extend(more(section.changes.len()).map(|more| Line::of(Role::Faint, &format!("  {more}"))));
        }
        let (role, verdict) = if self.is_worse() { (Role::Bad, "WORSE") } else { (Role::Good, "NO WORSE") };
        lines.push(Line::of(role, verdict).with(Role::Plain, &format!(" {}", self.verdict())));
        line::render(&lines, colour)
    }

    /// Returns the comparison as Markdown, for a pull request or a job's summary.
    ///
    /// What came from elsewhere stands between backticks, where Markdown finds no link, mention or tag.
    pub fn markdown(&self) -> String {
        let heading = if self.is_worse() { "Worse than before" } else { "No worse than before" };
        let mut out = format!("### Rehearsal: {heading}\n\n{}\n", self.verdict());
        for note in &self.notes {
            out.push_str(&format!("\n> {}\n", code(note)));
        }
        for section in self.sections() {
            if section.changes.is_empty() {
                continue;
            }
            out.push_str(&format!("\n**{}**\n\n", section.claim(section.changes.len())));
            for change in section.changes.iter().take(MOST) {
                let told = clip(&told(change, section.is_about_time), REASON).into_owned();
                out.push_str(&format!("- {}: {}\n", code(&change.case), code(&told)));
            }
            out.extend(more(section.changes.len()).map(|more| format!("- {more}\n")));
        }
        out
    }

    /// Returns the comparison for programs.
    ///
    /// # Panics
    /// Never: texts and numbers can always be written as JSON.
    pub fn json(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("texts, numbers and lists of them always serialise");
        crate::json::inert(&text) + "\n"
    }

    fn verdict(&self) -> String {
        let counts = [
            (self.broke.len(), "broke"),
            (self.mended.len(), "mended"),
            (self.other_findings.len(), "with other findings"),
            (self.otherwise.len(), "otherwise"),
            (self.came.len(), "came"),
            (self.went.len(), "went"),
            (self.same, "as before"),
        ];
        let parts: Vec<String> =
            counts.iter().filter(|(number, _)| *number > 0).map(|(number, word)| format!("{number} {word}")).collect();
        let cases = counted(self.new.cases, "case");
        format!("{cases}: {}.", if parts.is_empty() { "none".to_owned() } else { parts.join(" · ") })
    }

    fn sections(&self) -> [Section<'_>; 7] {
        let section = |role, word, singular, plural, changes| Section {
            role,
            word,
            singular,
            plural,
            changes,
            is_about_time: false,
        };
        let times = section(Role::Faint, "TIME", "takes another time", "take another time", &self.times);
        [
            section(Role::Faint, "CAME", "was not there before", "were not there before", &self.came),
            section(Role::Faint, "WENT", "is not there any more", "are not there any more", &self.went),
            Section { is_about_time: true, ..times },
            section(Role::Doubtful, "OTHERWISE", "ended otherwise", "ended otherwise", &self.otherwise),
            section(Role::Good, "MENDED", "passes again", "pass again", &self.mended),
            section(Role::Doubtful, "OTHER", "has another finding", "have other findings", &self.other_findings),
            section(Role::Bad, "BROKE", "broke", "broke", &self.broke),
        ]
    }
}

/// Changes of one kind; what matters most comes last, next to the prompt.
struct Section<'c> {
    role: Role,
    word: &'static str,
    singular: &'static str,
    plural: &'static str,
    changes: &'c [Change],
    is_about_time: bool,
}

impl Section<'_> {
    fn claim(&self, number: usize) -> String {
        format!("{} {}", counted(number, "case"), if number == 1 { self.singular } else { self.plural })
    }
}

fn told(change: &Change, is_about_time: bool) -> String {
    let time = |ending: &Option<Ending>| ending.as_ref().map(|ending| duration(ending.time_ms)).unwrap_or_default();
    if is_about_time {
        return format!("{}, then {}", time(&change.old), time(&change.new));
    }
    let words = [&change.old, &change.new].into_iter().flatten().map(|ending| ending.outcome.name());
    let words = words.collect::<Vec<_>>().join(", then ");
    let latest = change.new.as_ref().filter(|ending| ending.reason.is_some()).or(change.old.as_ref());
    match latest.and_then(|ending| ending.reason.as_deref()) {
        Some(reason) => format!("{words}: {}", reason.trim()),
        None => words,
    }
}

fn more(number: usize) -> Option<String> {
    number.checked_sub(MOST).filter(|more| *more > 0).map(|more| format!("… and {more} more"))
}

/// Shows a text as code, in a fence longer than any run of backticks in it.
fn code(text: &str) -> String {
    let text = visible(text);
    let text = inert(&text);
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    // CommonMark takes one space off at either end, so that a text may begin or end with a backtick.
    if longest == 0 { format!("{fence}{text}{fence}") } else { format!("{fence} {text} {fence}") }
}

/// How many cases of a kind are shown; the JSON has all.
const MOST: usize = 100;
const REASON: usize = 300;

#[cfg(test)]
mod tests {
    use crate::compare::compare;
    use crate::read::PastRun;
    use scim_record::{Basis, CaseRecord, Counts, Finding, Gate, Level, Location, Outcome, RunInfo, Summary, Verdict};

    fn case(id: &str, outcome: Outcome, findings: &[&str]) -> CaseRecord {
        let location = || Location { file: "t.toml".into(), line: 1, column: 1, width: 1, source: String::new() };
        let finding = |print: &&str| Finding {
            verdict: if outcome == Outcome::Warn { Verdict::Warn } else { Verdict::Fail },
            level: Level::Must,
            basis: Basis::Documented,
            step: "step 1".to_owned(),
            message: format!("finding {print}"),
            pointer: None,
            expected: None,
            actual: None,
            location: None,
            exchange: None,
            curl: None,
            fuzz: None,
            fingerprint: (*print).to_owned(),
        };
        CaseRecord {
            id: format!("t/{id}"),
            suite: "t".to_owned(),
            app: None,
            title: String::new(),
            rule: String::new(),
            refs: Vec::new(),
            level: Level::Must,
            basis: Basis::Documented,
            disputed: None,
            consequence: None,
            mend: None,
            bugs: Vec::new(),
            outcome,
            reason: None,
            findings: findings.iter().map(finding).collect(),
            reading: None,
            notes: Vec::new(),
            fuzz: None,
            exchanges: Vec::new(),
            time_ms: 10,
            location: location(),
        }
    }

    fn run(cases: Vec<CaseRecord>) -> PastRun {
        let info = RunInfo {
            version: "0.1.0".to_owned(),
            target: "http://h/scim".to_owned(),
            run: "rhaaaaaaaa".to_owned(),
            seed: "0x1".to_owned(),
            gate: Gate::Okta,
            started: "2026-11-23T12:00:00Z".to_owned(),
            asked: Vec::new(),
            cases: cases.len(),
            specimen: false,
            tls_unverified: false,
            part: None,
        };
        let mut counts = Counts::default();
        cases.iter().for_each(|case| counts.add(case.outcome));
        let summary = Summary {
            counts,
            requests: 0,
            retries: 0,
            time_ms: 0,
            left_behind: Vec::new(),
            interrupted: false,
            exit: 0,
        };
        PastRun { info, cases, summary }
    }

    #[test]
    fn each_change_is_told_for_what_it_is() {
        use Outcome::{Error, Fail, Fixed, Known, Pass, Skip, Warn};
        type Row = (Outcome, &'static [&'static str], Outcome, &'static [&'static str], &'static str);
        let table: &[Row] = &[
            (Pass, &[], Fail, &["a"], "broke"),
            (Skip, &[], Fail, &["a"], "broke"),
            (Warn, &["a"], Fail, &["a"], "broke"),
            (Known, &["a"], Fail, &["b"], "broke"),
            (Pass, &[], Error, &[], "broke"),
            (Fail, &["a"], Pass, &[], "mended"),
            (Known, &["a"], Fixed, &[], "mended"),
            (Warn, &["a"], Pass, &[], "mended"),
            (Error, &[], Pass, &[], "mended"),
            (Fail, &["a"], Fail, &["b"], "other"),
            (Known, &["a"], Known, &["a", "b"], "other"),
            (Fail, &["a", "b"], Fail, &["b", "a"], "same"),
            (Fail, &["a"], Error, &[], "otherwise"),
            (Fail, &["a"], Known, &["a"], "otherwise"),
            (Pass, &[], Skip, &[], "otherwise"),
            (Pass, &[], Warn, &["a"], "otherwise"),
            (Skip, &[], Pass, &[], "otherwise"),
            (Pass, &[], Pass, &[], "same"),
        ];
        for (old, old_findings, new, new_findings, expected) in table {
            let found = compare(&run(vec![case("x", *old, old_findings)]), &run(vec![case("x", *new, new_findings)]));
            let lists = [
                (found.broke.len(), "broke"),
                (found.mended.len(), "mended"),
                (found.other_findings.len(), "other"),
                (found.otherwise.len(), "otherwise"),
                (found.same, "same"),
            ];
            let told: Vec<&str> = lists.iter().filter(|(number, _)| *number > 0).map(|(_, word)| *word).collect();
            assert_eq!(told, [*expected], "{old} {old_findings:?} → {new} {new_findings:?}");
            assert_eq!(found.is_worse(), *expected == "broke");
        }
    }

    #[test]
    fn what_came_and_went_is_no_regression_and_is_told() {
        let old = run(vec![case("gone", Outcome::Pass, &[]), case("kept", Outcome::Pass, &[])]);
        let new = run(vec![case("kept", Outcome::Pass, &[]), case("new", Outcome::Fail, &["a"])]);
        let found = compare(&old, &new);
        assert!(!found.is_worse());
        let text = found.text(false);
        for line in
            ["WENT 1 case is not there any more", "CAME 1 case was not there before", "  t/new", "fail: finding a"]
        {
            assert!(text.contains(line), "{text}");
        }
        assert!(text.ends_with("NO WORSE 2 cases: 1 came · 1 went · 1 as before.\n"), "{text}");
    }

    #[test]
    fn only_large_differences_of_time_are_told() {
        let timed = |ms| CaseRecord { time_ms: ms, ..case("x", Outcome::Pass, &[]) };
        for (old, new, expected) in
            [(10, 900, 0), (10, 1_100, 1), (1_100, 10, 1), (2_000, 3_500, 0), (1_000, 3_000, 1), (0, u64::MAX, 1)]
        {
            let found = compare(&run(vec![timed(old)]), &run(vec![timed(new)]));
            assert_eq!(found.times.len(), expected, "{old} {new}");
        }
    }

    #[test]
    fn other_targets_gates_versions_and_parts_are_noted() {
        let old = run(Vec::new());
        let mut new = run(Vec::new());
        assert!(compare(&old, &new).notes.is_empty());
        new.info.target = "http://other/scim".to_owned();
        new.info.gate = Gate::Strict;
        new.info.version = "0.2.0".to_owned();
        new.summary.interrupted = true;
        new.info.part = Some(scim_record::Part { by: "slice".into(), number: 1, of: 3, whole: "x".into() });
        assert_eq!(compare(&old, &new).notes.len(), 5);
        new.info.specimen = true;
        let specimen = PastRun { info: RunInfo { specimen: true, ..old.info.clone() }, ..old };
        assert!(!compare(&specimen, &new).notes.iter().any(|note| note.contains("target")));
    }

    #[test]
    fn hostile_text_stays_text_in_every_form() {
        let nasty = "``` <script>alert(1)</script> @everyone [x](http://evil)\n::error::x ##vso[x] \u{1b}[31m\u{202e}";
        let mut bad = case("x", Outcome::Fail, &["a"]);
        bad.findings[0].message = nasty.to_owned();
        let found = compare(&run(vec![case("x", Outcome::Pass, &[])]), &run(vec![bad]));
        let markdown = found.markdown();
        let line = markdown.lines().find(|line| line.contains("<script>")).expect("it is shown");
        assert!(line.starts_with("- `t/x`: ```` ") && line.ends_with(" ````"), "{line}");
        for shown in [found.text(true), markdown, found.json()] {
            assert!(!shown.contains("\u{1b}[31m\u{202e}") && !shown.contains("##vso["), "{shown}");
            assert!(!shown.lines().any(|line| line.starts_with("::")), "{shown}");
        }
        let value: serde_json::Value = serde_json::from_str(&found.json()).expect("it is JSON");
        assert_eq!(value["broke"][0]["new"]["reason"], nasty);
    }
}
