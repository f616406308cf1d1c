//! Makes text that came from elsewhere safe to show: visible, inert, bounded. It does not know any report.

use std::borrow::Cow;

/// Returns the text as one line in which nothing moves a cursor, hides, or turns the reading direction.
///
/// Control characters appear as their pictures (`␛`, `␊`), other invisible ones as their code point (`<U+202E>`):
/// a zero-width space that makes two names differ has to be seen too.
pub(crate) fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\0'..='\x1F' => out.push(picture(c as u32)),
            '\x7F' => out.push('␡'),
            _ if is_invisible(c) => out.push_str(&format!("<U+{:04X}>", c as u32)),
            _ => out.push(c),
        }
    }
    out
}

fn picture(control: u32) -> char {
    char::from_u32(0x2400 + control).expect("the Unicode block Control Pictures mirrors U+0000 to U+001F")
}

/// Tells whether a character shows nothing itself but changes what is shown or compared.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{80}'..='\u{9F}'                             // C1 controls: U+009B alone begins an ANSI sequence
        | '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{180E}' // soft hyphen, joiner, Arabic mark, vowel separator
        | '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}' // Hangul fillers
        | '\u{200B}'..='\u{200F}'                       // zero widths and direction marks
        | '\u{2028}'..='\u{202E}'                       // line separators and direction overrides
        | '\u{2060}'..='\u{206F}'                       // invisible operators and direction isolates
        | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'          // byte order mark, annotations
        | '\u{FDD0}'..='\u{FDEF}'                       // noncharacters, as the two below
        | '\u{E0000}'..='\u{E007F}')                    // tags
        || c as u32 & 0xFFFE == 0xFFFE
}

/// Returns one line of output in which no CI runner finds a command, by a visible space inside every marker.
///
/// GitHub parses `::` at the start of a line and `##[` anywhere, Azure Pipelines `##vso[` anywhere, TeamCity
/// `##teamcity[`; GitLab folds a log between `section_start:` and `section_end:`, and attaches the file that
/// `[[ATTACHMENT|` names in a JUnit text, as Jenkins does.
pub(crate) fn inert(line: &str) -> Cow<'_, str> {
    if !may_hold_marker(line) {
        return Cow::Borrowed(line);
    }
    let mut out = String::with_capacity(line.len() + 4);
    for (at, c) in line.char_indices() {
        let ends_a_word = c == ':' && (line[..at].ends_with("section_start") || line[..at].ends_with("section_end"));
        if ends_a_word {
            out.push(' ');
        }
        out.push(c);
        if begins_marker(line, at) {
            out.push(' ');
        }
    }
    Cow::Owned(out)
}

/// Returns text of several lines that may be shown in a terminal or in the log of a CI system, whoever wrote it.
///
/// ```
/// assert_eq!(rehearsal_reports::harmless("refused:\n::error::x\u{1b}[2J"), "refused:\n: :error::x␛[2J");
/// ```
pub fn harmless(text: &str) -> String {
    text.split('\n').map(|line| inert(&visible(line)).into_owned()).collect::<Vec<_>>().join("\n")
}

fn may_hold_marker(line: &str) -> bool {
    line.contains("##") || line.contains("[[") || line.contains("section_") || line.trim_start().starts_with("::")
}

fn begins_marker(line: &str, at: usize) -> bool {
    let rest = &line[at..];
    if let Some(command) = rest.strip_prefix("##") {
        return command.trim_start_matches(|c: char| c.is_ascii_alphabetic()).starts_with('[');
    }
    // A runner takes what follows `::` up to a space for the command's name. That of `::: `, which a diagnostic has before
    // its second file, would be `:`, and there is none.
    let is_command = rest.starts_with("::") && !rest.starts_with("::: ");
    starts_with_ignoring_case(rest, "[[attachment") || (is_command && line[..at].trim().is_empty())
}

fn starts_with_ignoring_case(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// Returns at most `most` characters of the text, with a note of how many are missing.
pub(crate) fn clip(text: &str, most: usize) -> Cow<'_, str> {
    let Some((end, _)) = text.char_indices().nth(most) else {
        return Cow::Borrowed(text);
    };
    let cut = text[end..].chars().count();
    Cow::Owned(format!("{}… ({} not shown)", &text[..end], counted(cut, "character")))
}

/// Returns at most `most` bytes of the text, with a note behind them of how many are missing.
pub(crate) fn clip_bytes(text: &str, most: usize) -> Cow<'_, str> {
    if text.len() <= most {
        return Cow::Borrowed(text);
    }
    let kept = &text[..text.floor_char_boundary(most)];
    Cow::Owned(format!("{kept}… ({} not shown)\n", counted(text.len() - kept.len(), "byte")))
}

/// Breaks the text at spaces into lines of at most `width` characters; a longer word gets a line of its own.
///
/// Spaces inside a line stay as they are: in a value they are evidence.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Returns prose with single spaces between its words, however it was laid out in its file.
pub(crate) fn prose(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns `1 case`, `1,204 cases`.
pub(crate) fn counted(number: usize, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", grouped(number))
}

/// Returns the number with its digits in groups of three.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Returns a duration as a person says it: `38 ms`, `3.2 s`, `2 min 05 s`.
pub(crate) fn duration(ms: u64) -> String {
    match ms {
        0..=999 => format!("{ms} ms"),
        1_000..=59_999 => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
        _ => format!("{} min {:02} s", ms / 60_000, ms % 60_000 / 1000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escape_sequences_and_direction_overrides_become_visible() {
        assert_eq!(visible("a\x1b[31mb\u{9b}31m\r\n\u{202e}c\u{feff}"), "a␛[31mb<U+009B>31m␍␊<U+202E>c<U+FEFF>");
        assert_eq!(visible("Zoë 李 😀 ::"), "Zoë 李 😀 ::");
    }

    #[test]
    fn ci_markers_are_parted_where_a_runner_would_parse_them() {
        let table = [
            ("::error::gotcha", ": :error::gotcha"),
            ("  ::set-output name=a::b", "  : :set-output name=a::b"),
            (":::error::gotcha", ": ::error::gotcha"),
            (" ::: okta/users.toml:2:9", " ::: okta/users.toml:2:9"),
            ("name ::error::", "name ::error::"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("x ##vso[task.setvariable]", "x # #vso[task.setvariable]"),
            ("##VSO[x]", "# #VSO[x]"),
            ("###[command]", "## #[command]"),
            ("##teamcity[buildStatus]", "# #teamcity[buildStatus]"),
            ("## a heading [link]", "## a heading [link]"),
            ("[[ATTACHMENT|/etc/passwd]]", "[ [ATTACHMENT|/etc/passwd]]"),
            ("x section_start:1:a[collapsed=true]", "x section_start :1:a[collapsed=true]"),
            ("section_end:1:a section_x:", "section_end :1:a section_x:"),
        ];
        for (text, expected) in table {
            assert_eq!(inert(text), expected);
        }
    }

    #[test]
    fn what_is_cut_is_counted() {
        assert_eq!(clip("abc", 3), "abc");
        assert_eq!(clip("äbcd", 3), "äbc… (1 character not shown)");
        assert_eq!(clip(&"x".repeat(5000), 1), "x… (4,999 characters not shown)");
        assert_eq!(clip_bytes("abc", 3), "abc");
        assert_eq!(clip_bytes("aäbc", 2), "a… (4 bytes not shown)\n");
    }

    #[test]
    fn lines_break_at_spaces_and_keep_those_inside() {
        assert_eq!(wrap("ab  cd ef", 6), ["ab  cd", "ef"]);
        assert_eq!(wrap("a-very-long-word b", 4), ["a-very-long-word", "b"]);
        assert_eq!(prose(" one\n  two "), "one two");
    }

    #[test]
    fn durations_read_as_spoken() {
        let said = [0, 38, 3_249, 125_000].map(duration);
        assert_eq!(said, ["0 ms", "38 ms", "3.2 s", "2 min 05 s"]);
    }

    proptest! {
        #[test]
        fn no_marker_survives(text in "[ #:\\[a-c]{0,12}(::|##vso\\[|##\\[|##Teamcity\\[|\\[\\[attachment\\|)[ #:\\[a]{0,6}") {
            let line = inert(&text);
            let begins = line.trim_start();
            prop_assert!(!begins.starts_with("::") || begins.starts_with("::: "));
            for marker in ["##[", "##vso[", "##teamcity[", "[[attachment|"] {
                prop_assert!(!line.to_lowercase().contains(marker), "{line}");
            }
        }

        #[test]
        fn visible_text_is_one_line_without_controls(text in any::<String>()) {
            prop_assert!(!visible(&text).chars().any(|c| c.is_control() || is_invisible(c)));
        }
    }
}
