use super::*;
use crate::cli::Command as Chosen;

/// Reads a command line beside a file with this text.
fn read(line: &str, text: &str) -> Result<Cli, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join(FILE);
    fs::write(&file, text).expect("a file");
    let mut words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
    words.extend(["--config".into(), file.into_os_string()]);
    command_line(words).map_err(|error| error.to_string())
}

fn test(line: &str, text: &str) -> crate::cli::Test {
    match read(line, text).unwrap_or_else(|error| panic!("{error}")).command {
        Chosen::Test(test) => test,
        other => panic!("not test: {other:?}"),
    }
}

const WHOLE: &str = r#"
[target]
url = "https://scim.example.com/v2"

[auth]
bearer = "env:TOKEN"

[run]
app = ["catalog", "aiw"]
gate = "rfc"
jobs = 3
ignore-requires = true

[reports]
junit = "out.xml"
"#;

#[test]
fn what_is_not_typed_comes_from_the_file() {
    let test = test("rehearsal test", WHOLE);
    assert_eq!(test.base_url.as_deref(), Some("https://scim.example.com/v2"));
    assert_eq!(test.auth.bearer.as_deref(), Some("env:TOKEN"));
    assert_eq!((test.run.app.len(), test.run.jobs, test.run.ignore_requires), (2, 3, true));
    assert_eq!(test.output.junit.as_deref(), Some(Path::new("out.xml")));
}

#[test]
fn what_is_typed_wins_and_excludes_what_it_replaces() {
    let test = test("rehearsal test https://other.example --jobs 7 --basic u:env:P --app wizard", WHOLE);
    assert_eq!(test.base_url.as_deref(), Some("https://other.example"));
    assert_eq!((test.run.jobs, test.run.app.len()), (7, 1));
    assert_eq!((test.auth.bearer, test.auth.basic.as_deref()), (None, Some("u:env:P")));
}

#[test]
fn one_way_to_authenticate_in_the_file_gives_way_to_another_on_the_command_line() {
    let text =
        "[auth]\noauth-token-url = \"https://as.example/token\"\noauth-client = \"id:env:S\"\noauth-port = 4711\n";
    let whole = test("rehearsal test --oauth-refresh-token env:R", text).auth;
    assert_eq!(whole.oauth.oauth_token_url.as_deref(), Some("https://as.example/token"));
    assert_eq!(whole.oauth.oauth_client.as_deref(), Some("id:env:S"));
    assert_eq!((whole.oauth.oauth_port, whole.oauth.oauth_refresh_token.as_deref()), (Some(4711), Some("env:R")));
    for typed in ["--bearer env:T", "--basic u:env:P", "--header X:env:H"] {
        let auth = test(&format!("rehearsal test {typed}"), text).auth;
        assert_eq!((auth.oauth.oauth_token_url, auth.oauth.oauth_client, auth.oauth.oauth_port), (None, None, None));
    }
    let typed = test("rehearsal test --oauth-client id:env:S --oauth-token-url https://as.example/token", WHOLE).auth;
    assert_eq!((typed.bearer, typed.oauth.oauth_client.as_deref()), (None, Some("id:env:S")));
    let both = format!("{text}bearer = \"env:T\"\n");
    let said = read("rehearsal test", &both).expect_err("two ways");
    assert!(said.contains("C006") && said.contains("`oauth-client` cannot be used with `bearer`"), "{said}");
}

#[test]
fn a_first_word_without_a_scheme_is_a_selector() {
    let test = test("rehearsal test okta/users", WHOLE);
    assert_eq!(test.base_url.as_deref(), Some("https://scim.example.com/v2"));
    assert_eq!(test.selectors, ["okta/users"]);
}

#[test]
fn the_url_is_the_last_word_where_a_file_is_the_first() {
    match read("rehearsal runscope spec.json", WHOLE).unwrap_or_else(|error| panic!("{error}")).command {
        Chosen::Runscope(runscope) => {
            assert_eq!(runscope.file, Path::new("spec.json"));
            assert_eq!(runscope.base_url.as_deref(), Some("https://scim.example.com/v2"));
        }
        other => panic!("not runscope: {other:?}"),
    }
}

#[test]
fn the_demo_does_not_care() {
    assert!(
        matches!(read("rehearsal demo", WHOLE).map(|cli| cli.command), Ok(Chosen::Demo(demo)) if demo.run.jobs == 8)
    );
}

#[test]
fn mistakes_show_where_they_are_and_what_to_do() {
    for (text, expected) in [
        ("[target\n", &["C001", "rehearsal.toml:1:"][..]),
        ("[tarket]\nurl = \"x\"\n", &["C002", "rehearsal.toml:1:2", "did you mean `target`?"]),
        ("[run]\njob = 3\n", &["C003", "rehearsal.toml:2:1", "did you mean `jobs`?"]),
        ("[run]\njunit = \"x\"\n", &["C003", "does not belong into [run]", "it stands in [reports]"]),
        ("[run]\nignore-requires = \"yes\"\n", &["C004", "write true or false", "rehearsal.toml:2:19"]),
        ("[run]\njobs = [1, 2]\n", &["C004", "takes one text or number"]),
        ("[run]\ngate = \"okra\"\n", &["C005", "rehearsal.toml:2:8", "okta"]),
        ("[run]\njobs = 0\n", &["C005", "rehearsal.toml:2:8"]),
        ("[run]\nlist = true\n", &["C003"]),
        ("[auth]\ngate = \"okta\"\n", &["C003", "it stands in [run]"]),
        ("[target]\nurl = 3\n", &["C004", "rehearsal.toml:2:7", "`url` takes one text"]),
        ("[reports]\njunit = 3\n", &["C004", "rehearsal.toml:2:9", "`junit` takes one text"]),
        ("[reports]\njson = true\n", &["C004", "rehearsal.toml:2:8"]),
        ("[run]\nsuites = [\"a\", 3]\n", &["C004", "rehearsal.toml:2:10"]),
        (
            "[auth]\nbasic = \"u:env:P\"\nbearer = \"env:T\"\n",
            &["C006", "rehearsal.toml:", "`bearer`", "`basic`", "it is here"],
        ),
    ] {
        let said = read("rehearsal test", text).expect_err(text);
        for part in expected {
            assert!(said.contains(part), "{text}: {part:?} is not in\n{said}");
        }
    }
}

#[test]
fn a_number_is_one_where_the_option_counts_or_measures() {
    let test = test("rehearsal test", "[target]\nrate = 3\n[run]\njobs = 2\nseed = 7\ntimeout = 5\n");
    assert_eq!((test.run.jobs, test.run.timeout.as_secs()), (2, 5));
}

#[test]
fn what_may_be_a_secret_is_told_by_its_place_and_not_shown() {
    for (key, value) in [("bearer", "s3cr3t"), ("basic", "me:s3cr3t"), ("header", "X-Key: s3cr3t")] {
        let said = read("rehearsal test", &format!("[auth]\n{key} = {value:?}\n")).expect_err(key);
        assert!(said.contains(&format!("rehearsal.toml:2:{}: `{key}` names where", key.len() + 4)), "{said}");
        assert!(!said.contains("s3cr3t"), "{said}");
    }
}

#[test]
fn every_heading_of_the_help_has_its_table() {
    let told = codes::UNKNOWN_TABLE.explanation();
    for line in COMMANDS {
        let command = command_at(&line.split(' ').map(str::to_owned).collect::<Vec<_>>());
        for argument in command.get_arguments().filter(|argument| argument.get_long().is_some()) {
            let heading = argument.get_help_heading().unwrap_or("Options").split(' ').next().unwrap_or_default();
            assert!(told.contains(heading), "{line} --{}: {heading}", argument.get_id());
        }
    }
}

#[test]
fn a_file_that_was_named_must_be_there() {
    let line = ["rehearsal", "test", "--config", "/nowhere/rehearsal.toml"].map(OsString::from).to_vec();
    assert!(matches!(command_line(line), Err(ConfigError::Unreadable { .. })));
}

#[test]
fn every_code_has_its_own_number() {
    let mut codes: Vec<&str> = CONFIG_CODES.iter().map(|code| code.code()).collect();
    codes.dedup();
    assert_eq!(codes, ["C001", "C002", "C003", "C004", "C005", "C006"]);
}
