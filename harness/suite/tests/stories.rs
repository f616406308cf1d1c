//! Scripts of stories: those of the program are without a mistake, and mistakes are told where they are.
//!
//! `BLESS=1` writes the `.stderr` files of `bad-stories` afresh; read the difference before you keep it.

use scim_suite::diagnostic::STORY_CODES;
use scim_suite::story::{Act, InApp, Want};
use scim_suite::{Catalog, Diagnostic, SourceFile, Story, is_story, load, load_story, read_folder};
use snapbox::Data;
use snapbox::assert::{Action, Assert};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const SUITES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../suites");
const BAD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bad-stories");

fn no_feed(_: &str) -> Result<SourceFile, String> {
    Err("it cannot be found".to_owned())
}

fn read(text: &str) -> Result<Story, Vec<Diagnostic>> {
    load_story(&SourceFile::new("mine.toml", text), &no_feed, &Catalog::default())
}

/// A good story, with more at its end.
fn story(more: &str) -> String {
    format!(
        r#"
story = "mine"
title = "Mine"

[org]
name = "Acme"
time-zone = "Europe/Vienna"
clock = "2026-03-02 08:00"

[[group]]
as = "crew"
name = "{{{{run}}}} Crew"

[[app]]
as = "crm"
groups = ["crew"]

[[chapter]]
id = "hired"
title = "Ada is hired"
at = "2026-03-02 09:00"
hr = '''
id,login,first name,last name,groups
ada,{{{{run}}}}.ada@example.com,Ada,Byron,crew
'''

{more}"#
    )
}

/// A chapter in which time passes, with one expectation.
fn expecting(expectation: &str) -> String {
    story(&format!(
        "[[chapter.expect]]\nid = \"other\"\nrule = \"It is so.\"\n{expectation}\n\n[[chapter]]\nid = \"later\"\n\
         title = \"Later\"\nadvance-to = \"2026-03-03 00:00\"\n"
    ))
}

fn codes(text: &str) -> Vec<&'static str> {
    let mistakes = read(text).expect_err(text);
    mistakes.iter().map(Diagnostic::code).collect()
}

#[test]
fn every_bad_story_is_explained() {
    let mut bad: Vec<PathBuf> =
        fs::read_dir(BAD).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    bad.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    bad.sort();
    let mut told = BTreeSet::new();
    for path in bad {
        let stem = path.file_stem().expect("a file").to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("a readable file").replace(&stem, &stem.to_lowercase());
        let script = SourceFile::new(format!("lifecycle/{}.toml", stem.to_lowercase()), text);
        let mistakes = load_story(&script, &no_feed, &Catalog::default()).expect_err(&stem);
        for mistake in &mistakes {
            assert_eq!(mistake.code(), &stem[..4], "{stem}: {mistake}");
            told.insert(mistake.code());
        }
        let rendered: Vec<String> = mistakes.iter().map(|mistake| mistake.render(false)).collect();
        let action = if std::env::var_os("BLESS").is_some() { Action::Overwrite } else { Action::Verify };
        Assert::new()
            .action(action)
            .eq(rendered.join("\n\n") + "\n", Data::read_from(&path.with_extension("stderr"), None).raw());
    }
    for code in STORY_CODES {
        assert!(told.contains(code.code()), "no bad story has {}", code.code());
        assert!(code.explanation().ends_with('.') && code.remedy().ends_with('.'), "{}", code.code());
        assert!(!code.title().ends_with('.'), "{}", code.code());
    }
    assert!(STORY_CODES.is_sorted_by(|a, b| a.code() < b.code()));
}

#[test]
fn the_stories_of_the_program_are_without_a_mistake_and_their_ids_are_permanent() {
    let files = read_folder(Path::new(SUITES)).expect("the suites can be read");
    let catalog = Catalog::load(&files).unwrap_or_else(|mistakes| panic!("{}", mistakes[0].render(false)));
    let scripts: Vec<&SourceFile> = files.iter().filter(|file| is_story(file)).collect();
    assert!(scripts.len() >= 8);
    let mut ids = BTreeSet::new();
    for script in scripts {
        let folder = Path::new(SUITES).join(&script.path);
        let feed = |name: &str| {
            let path = folder.parent().expect("a folder").join(name);
            let text = fs::read_to_string(&path).map_err(|cause| cause.to_string())?;
            Ok(SourceFile::new(name, text))
        };
        let story = load_story(script, &feed, &catalog).unwrap_or_else(|mistakes| {
            panic!("{}", mistakes.iter().map(|mistake| mistake.render(false)).collect::<Vec<_>>().join("\n\n"))
        });
        for chapter in &story.chapters {
            for expectation in &chapter.expectations {
                assert!(ids.insert(expectation.id.clone()), "{} is there twice", expectation.id);
                assert!(!expectation.refs.is_empty(), "{} says not where its rule comes from", expectation.id);
            }
        }
    }
}

#[test]
fn suites_leave_stories_alone() {
    let plan = load(&[SourceFile::new("mine.toml", story(""))], &Catalog::default()).expect("there is no suite");
    assert!(plan.cases.is_empty());
    assert!(!is_story(&SourceFile::new("a.toml", "suite = \"story\"\nstory = 1")));
    assert!(is_story(&SourceFile::new("a.toml", "\n# words\n  story=\"x\"")));
}

#[test]
fn a_story_is_read_as_it_is_written() {
    let told = expecting(
        "who = \"ada\"\nuser-name = \"{{run}}.x@example.com\"\nfound = 0\nlatency-within = \"1.5s\"\n\
         remote = '{ \"id\": \"{{bind linked}}\" }'\ncalls = [\"GET /Users\"]\noutcome = \"task\"\nlevel = \"should\"",
    );
    let told = format!(
        "{told}\n[[chapter]]\nid = \"last\"\ntitle = \"Last\"\nat = \"2026-03-04 09:00\"\n\
         in-app = {{ who = \"ada\", set = '{{ \"nickName\": \"{{{{linked}}}}\" }}' }}\n"
    );
    let story = read(&told).unwrap_or_else(|mistakes| panic!("{}", mistakes[0].render(false)));
    assert_eq!((story.people.as_slice(), story.apps[0].name.as_str()), (&["ada".to_owned()][..], "crm"));
    let expectation = &story.chapters[0].expectations[0];
    assert_eq!(expectation.id, "mine/hired/other");
    let kinds: Vec<&str> = expectation.wants.iter().map(|want| kind(&want.value)).collect();
    assert_eq!(kinds, ["found", "latency", "remote", "calls", "outcome"], "as they are written");
    assert!(matches!(story.chapters[2].act, Some(Act::InApp { change: InApp::Set(_), .. })));
    assert_eq!(story.chapters[1].at, "2026-03-02T23:00:00Z".parse().expect("a moment"));
}

fn kind(want: &Want) -> &'static str {
    match want {
        Want::Found(0) => "found",
        Want::LatencyWithin(limit) if limit.as_millis() == 1500 => "latency",
        Want::Remote { .. } => "remote",
        Want::Calls(_) => "calls",
        Want::Outcome(_) => "outcome",
        _ => "other",
    }
}

#[test]
fn what_an_expectation_lacks_or_cannot_have_is_told() {
    for (expectation, code) in [
        ("remote = '{}'", "S054"),
        ("who = \"adda\"\nabsent = true", "S046"),
        ("app = \"crn\"\nsilent = true", "S046"),
        ("group = \"crow\"\nfound = 1", "S046"),
        ("group = \"crew\"\nabsent = true", "S054"),
        ("silent = false", "S048"),
        ("latency-within = \"soon\"", "S048"),
        ("calls = [\"Users\"]", "S031"),
        ("exact = true\nsilent = true", "S041"),
        ("", "S056"),
        ("silent = true\nlevel = \"must\"\nbasis = \"inferred\"", "S039"),
        ("silent = true\nref = [\"RFC7644 99\"]", "S022"),
        ("who = \"ada\"\nremote = '{ \"id\": \"{{linked}}\" }'", "S021"),
    ] {
        assert_eq!(codes(&expecting(expectation)), [code], "{expectation}");
    }
}

#[test]
fn what_a_chapter_lacks_or_cannot_have_is_told() {
    let silent = "[[chapter.expect]]\nid = \"x\"\nrule = \"It is so.\"\nsilent = true\n";
    for chapter in [
        "do = \"assign\"",
        "do = \"assign\"\nwho = \"adda\"",
        "do = \"deactivate\"\nwho = \"ada\"\napp = \"crm\"",
        "do = \"push-group\"",
        "do = \"push-group\"\ngroup = \"crow\"",
        "do = \"push-group\"\ngroup = \"crew\"\nwho = \"ada\"",
        "do = \"retry-tasks\"\nwho = \"ada\"",
        "do = \"update\"\nwho = \"ada\"\nset = { shoeSize = \"38\" }",
        "in-app = { who = \"ada\" }",
        "in-app = { who = \"ada\", set = '[]' }",
        "do = \"import-users\"\noutage = { times = 1 }",
        "do = \"import-users\"\noutage = { status = 200 }",
        "do = \"import-users\"\noutage = { lose = \"answer\", retry-after = 3 }",
    ] {
        let told = story(&format!(
            "{silent}\n[[chapter]]\nid = \"next\"\ntitle = \"Next\"\nat = \"2026-03-03 09:00\"\n{chapter}\n"
        ));
        let found = codes(&told);
        assert_eq!(found.len(), 1, "{chapter}: {found:?}");
    }
}

#[test]
fn a_mistake_in_a_feed_is_told_where_it_is() {
    let script = story("[[chapter.expect]]\nid = \"x\"\nrule = \"It is so.\"\nsilent = true\n");
    let wrong = script.replace("Ada,Byron,crew", "Ada,Byron,crow");
    let mistake = &read(&wrong).expect_err("there is no such group")[0];
    let place = mistake.span().location();
    assert_eq!((place.line, place.source.as_str(), place.width), (24, "ada,{{run}}.ada@example.com,Ada,Byron,crow", 4));

    let file = script.replacen("hr = '''", "hr = \"staff.csv\"\n#", 1);
    let file = file.replace("id,login,first name,last name,groups\nada", "# ada").replace("crew\n'''", "");
    let feed = |name: &str| Ok(SourceFile::new(name, "id,login,first name,last name\nada,\"x,Ada,Byron\n"));
    let script = SourceFile::new("mine.toml", file);
    let mistake = &load_story(&script, &feed, &Catalog::default()).expect_err("a quote is open")[0];
    assert_eq!(mistake.to_string(), "staff.csv:2:5: the quote is not closed [L001]");
}
