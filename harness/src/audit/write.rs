//! Lines as NDJSON or CSV. The texts in them are other people's: nothing in them may steer a terminal or a spreadsheet.

use super::entry::{Entry, Exchange, Party};
use std::io::{self, Write};

/// How entries are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// One JSON object a line.
    Ndjson,
    /// RFC 4180, with a first line of names.
    Csv,
}

/// Writes entries one by one.
pub(crate) struct Lines<W> {
    to: W,
    format: Format,
}

impl<W: Write> Lines<W> {
    /// Begins with what stands before the entries.
    pub(crate) fn begin(mut to: W, format: Format) -> io::Result<Lines<W>> {
        if format == Format::Csv {
            to.write_all(record(&COLUMNS.map(|(name, _)| name.to_owned())).as_bytes())?;
        }
        Ok(Lines { to, format })
    }

    /// Writes an entry.
    pub(crate) fn write(&mut self, entry: &Entry) -> io::Result<()> {
        let line = match self.format {
            Format::Ndjson => escaped(&serde_json::to_string(entry)?) + "\n",
            Format::Csv => record(&COLUMNS.map(|(_, cell)| neutral(&cell(entry)))),
        };
        self.to.write_all(line.as_bytes())
    }

    /// Ends, with everything where it belongs.
    pub(crate) fn end(mut self) -> io::Result<W> {
        self.to.flush()?;
        Ok(self.to)
    }
}

/// What stands in the cell of an entry.
type Cell = fn(&Entry) -> String;

/// The columns and what stands in them. Their names and order are an interface: columns may be added at the end.
pub(crate) const COLUMNS: [(&str, Cell); 18] = [
    ("published", |entry| entry.published.clone()),
    ("event_type", |entry| entry.event_type.clone()),
    ("message", |entry| entry.display_message.clone()),
    ("outcome", |entry| entry.outcome.clone()),
    ("reason", |entry| entry.reason.clone().unwrap_or_default()),
    ("actor", |entry| name(&entry.actor)),
    ("actor_id", |entry| entry.actor.id.clone()),
    ("user", |entry| of_kind(entry, "User", name)),
    ("user_id", |entry| of_kind(entry, "User", |user| user.id.clone())),
    ("group", |entry| of_kind(entry, "UserGroup", name)),
    ("group_id", |entry| of_kind(entry, "UserGroup", |group| group.id.clone())),
    ("app", |entry| of_kind(entry, "AppInstance", name)),
    ("app_id", |entry| of_kind(entry, "AppInstance", |app| app.id.clone())),
    ("transaction", |entry| entry.transaction.id.clone()),
    ("call", |entry| entry.call.as_ref().map_or_else(String::new, |call| format!("{} {}", call.method, call.uri))),
    ("cause", |entry| entry.cause.clone().unwrap_or_default()),
    ("scim", |entry| entry.scim.iter().map(exchange).collect::<Vec<_>>().join("; ")),
    ("uuid", |entry| entry.uuid.clone()),
];

fn of_kind(entry: &Entry, kind: &str, text: fn(&Party) -> String) -> String {
    let parties = entry.targets.iter().filter(|target| target.kind == kind);
    parties.map(text).collect::<Vec<_>>().join("; ")
}

fn name(party: &Party) -> String {
    party.alternate_id.clone().or_else(|| party.display_name.clone()).unwrap_or_default()
}

/// Returns `POST https://… 201 38 ms`.
fn exchange(exchange: &Exchange) -> String {
    let Exchange { method, url, status, failure, milliseconds } = exchange;
    let status =
        status.map_or_else(|| failure.as_deref().unwrap_or("no answer").to_owned(), |status| status.to_string());
    let time = milliseconds.map(|time| format!(" {time:.0} ms")).unwrap_or_default();
    format!("{method} {url} {status}{time}")
}

/// Returns a record of RFC 4180 §2.
fn record(cells: &[String]) -> String {
    let quoted = |cell: &String| match cell.contains(['"', ',', '\r', '\n']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.clone(),
    };
    cells.iter().map(quoted).collect::<Vec<_>>().join(",") + "\r\n"
}

/// Returns a cell that a spreadsheet takes for a text. What begins like a formula gets an apostrophe in front, as OWASP
/// advises ("CSV Injection"); control characters other than tabs and line breaks become U+FFFD.
fn neutral(cell: &str) -> String {
    let is_odd = |letter: char| letter.is_control() && !matches!(letter, '\t' | '\r' | '\n');
    let clean: String = cell.chars().map(|letter| if is_odd(letter) { '\u{fffd}' } else { letter }).collect();
    if clean.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{clean}") } else { clean }
}

/// Escapes what JSON leaves as it is and a terminal may take for a command: U+007F to U+009F.
fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for letter in json.chars() {
        match letter {
            '\u{7f}'..='\u{9f}' => text.push_str(&format!("\\u{:04x}", u32::from(letter))),
            letter => text.push(letter),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn entry(name: &str) -> Entry {
        Entry::read(&json!({
            "published": "2026-01-05T09:00:00.000Z", "eventType": "user.lifecycle.create", "uuid": "u-1",
            "outcome": { "result": "SUCCESS" },
            "actor": { "type": "User", "id": "00ua", "alternateId": "admin@acme" },
            "target": [{ "type": "User", "id": "00u1", "alternateId": name },
                { "type": "AppInstance", "id": "0oa1", "displayName": "A, \"quoted\" app" },
                { "type": "User", "id": "00u2", "displayName": "Bob" }],
            "debugContext": { "debugData": { "scimExchanges": [
                { "method": "GET", "url": "http://h/Users?a=1", "status": 200, "milliseconds": 1.4 },
                { "method": "POST", "url": "http://h/Users", "failure": "no connection" }] } },
        }))
        .unwrap()
    }

    fn written(format: Format, names: &[&str]) -> String {
        let mut lines = Lines::begin(Vec::new(), format).unwrap();
        names.iter().for_each(|name| lines.write(&entry(name)).unwrap());
        String::from_utf8(lines.end().unwrap()).unwrap()
    }

    #[test]
    fn csv_has_a_line_of_names_and_is_quoted_where_it_must_be() {
        let text = written(Format::Csv, &["ada@acme"]);
        let (names, line) = text.split_once("\r\n").unwrap();
        assert!(
            names.starts_with("published,event_type,message,outcome,reason,actor,actor_id,user,user_id,group,"),
            "{names}"
        );
        let expected = "2026-01-05T09:00:00.000Z,user.lifecycle.create,,SUCCESS,,admin@acme,00ua,ada@acme; Bob,00u1; 00u2,,,\
            \"A, \"\"quoted\"\" app\",0oa1,,,,GET http://h/Users?a=1 200 1 ms; POST http://h/Users no connection,u-1\r\n";
        assert_eq!(line, expected);
    }

    #[test]
    fn no_name_becomes_a_formula_or_a_command() {
        for (name, cell) in [
            ("=HYPERLINK(\"http://x\")", "\"'=HYPERLINK(\"\"http://x\"\"); Bob\""),
            ("+1", "'+1; Bob"),
            ("-1+cmd|' /C calc'!A0", "'-1+cmd|' /C calc'!A0; Bob"),
            ("@SUM(A1)", "'@SUM(A1); Bob"),
            ("\t=1", "'\t=1; Bob"),
            ("\r=1", "\"'\r=1; Bob\""),
            ("\u{1b}[2J\u{9b}2J\u{7}", "\u{fffd}[2J\u{fffd}2J\u{fffd}; Bob"),
            ("a\nb", "\"a\nb; Bob\""),
        ] {
            let text = written(Format::Csv, &[name]);
            assert!(text.contains(&format!(",{cell},")), "{name:?}: {text}");
        }
    }

    #[test]
    fn ndjson_is_an_object_a_line_whatever_the_names_are() {
        let names = ["a\nb\u{2028}", "\u{1b}[2J\u{9b}2J\u{7f}", "=1"];
        let text = written(Format::Ndjson, &names);
        assert_eq!(text.lines().count(), 3);
        assert!(!text.contains(['\u{1b}', '\u{9b}', '\u{7f}']), "{text:?}");
        for (line, name) in text.lines().zip(names) {
            let line: Value = serde_json::from_str(line).unwrap();
            assert_eq!(line["targets"][0]["alternateId"], name);
        }
    }
}
