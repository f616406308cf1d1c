//! One table of the whole staff, as HR's system hands it over.

use std::collections::HashMap;

use jiff::civil::Date;

use super::csv::{self, Field};
use crate::Profile;

/// The whole staff.
///
/// A feed is comma-separated values (RFC 4180) with a header row. Columns may come in any order, and in any case:
///
/// | column | holds |
/// |---|---|
/// | `id` | what HR calls the person, whatever becomes of name and login; the login if there is no such column |
/// | `login`, `first name`, `last name` | of the Okta profile; these three must be there |
/// | `manager` | the login or id of somebody in the same feed |
/// | `groups` | the groups the person is in, separated by `;` |
/// | `start date`, `last day`, `leave from`, `leave to` | days as `2026-03-09`, all of them optional; both ends count |
/// | any other | a key of the Okta profile: `title`, `department`, `email`, `costCenter` or `cost center` |
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HrFeed {
    employees: Vec<Employee>,
}

/// A row of the feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Employee {
    /// What HR calls the person.
    pub id: String,
    /// The Okta profile by its keys, in the order of the columns; an empty value is one the person does not have.
    pub profile: Vec<(String, String)>,
    /// The groups, as HR names them.
    pub groups: Vec<String>,
    /// The first day.
    pub start: Option<Date>,
    /// The last day.
    pub last_day: Option<Date>,
    /// The leave of absence.
    pub leave: Option<Leave>,
}

/// A leave of absence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leave {
    /// Its first day.
    pub from: Date,
    /// Its last day, if that is known.
    pub to: Option<Date>,
}

/// What keeps a text from being a feed, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {what}")]
pub struct FeedError {
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// How many characters are meant; at least 1.
    pub width: usize,
    /// What is wrong.
    pub what: String,
}

impl HrFeed {
    /// Reads a feed.
    pub fn parse(text: &str) -> Result<HrFeed, FeedError> {
        let mut records = csv::records(text)?.into_iter();
        let Some(header) = records.next() else {
            let what = "the feed is empty; its first row names the columns".to_owned();
            return Err(FeedError { line: 1, column: 1, width: 1, what });
        };
        let columns = columns(&header)?;
        let rows = records.map(|record| Row::new(&header, &columns, record)).collect::<Result<Vec<_>, _>>()?;
        let feed = HrFeed { employees: rows.iter().map(|row| row.employee(&rows)).collect::<Result<_, _>>()? };
        distinct(&rows, "id", &|row| row.id().text.clone())?;
        distinct(&rows, "login", &|row| row.text(&Column::Key("login")).to_lowercase())?;
        Ok(feed)
    }

    /// Returns everybody, in the order of the rows.
    pub fn employees(&self) -> &[Employee] {
        &self.employees
    }

    /// Returns whom HR calls so.
    pub fn employee(&self, id: &str) -> Option<&Employee> {
        self.employees.iter().find(|employee| employee.id == id)
    }
}

impl Employee {
    /// Returns an attribute of the profile; nothing where it has no value.
    pub fn value(&self, key: &str) -> Option<&str> {
        self.profile.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str()).filter(|it| !it.is_empty())
    }

    /// Returns the Okta profile.
    pub fn okta_profile(&self) -> Profile {
        let name = |key| self.value(key).unwrap_or_default();
        let mut profile = Profile::new(name("login"), name("firstName"), name("lastName"));
        for (key, value) in self.profile.iter().filter(|(_, value)| !value.is_empty()) {
            profile.add(key, value);
        }
        profile
    }

    /// Returns the name people know the person by.
    pub fn display_name(&self) -> String {
        self.okta_profile().display_name
    }
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Id,
    Manager,
    Groups,
    Start,
    LastDay,
    LeaveFrom,
    LeaveTo,
    /// A key of the Okta profile.
    Key(&'static str),
}

impl Column {
    /// Returns the column of this name; neither case nor what parts the words matters.
    fn named(name: &str) -> Option<Column> {
        let plain = |text: &str| text.to_lowercase().replace([' ', '-', '_'], "");
        let name = plain(name);
        let special = SPECIAL.iter().find(|(known, _)| plain(known) == name).map(|(_, column)| *column);
        special.or_else(|| Profile::OKTA_KEYS.into_iter().find(|key| plain(key) == name).map(Column::Key))
    }
}

fn columns(header: &[Field]) -> Result<Vec<Column>, FeedError> {
    let mut columns = Vec::new();
    for field in header {
        let unknown = || {
            let known = SPECIAL.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
            mistake(
                field,
                format!("unknown column `{}`: it is none of {known}, and no key of the Okta profile", field.text),
            )
        };
        let column = Column::named(&field.text).ok_or_else(unknown)?;
        if columns.contains(&column) {
            return Err(mistake(field, format!("the column `{}` is there twice", field.text)));
        }
        columns.push(column);
    }
    for (key, name) in REQUIRED {
        if !columns.contains(&Column::Key(key)) {
            return Err(mistake(&header[0], format!("there is no column `{name}`")));
        }
    }
    Ok(columns)
}

/// One row, by its columns.
struct Row<'h> {
    columns: &'h [Column],
    fields: Vec<Field>,
}

impl<'h> Row<'h> {
    fn new(header: &[Field], columns: &'h [Column], fields: Vec<Field>) -> Result<Row<'h>, FeedError> {
        if fields.len() != header.len() {
            let at = fields.get(header.len()).or(fields.last()).expect("a record has a field");
            return Err(mistake(at, format!("the row has {} values, the header {}", fields.len(), header.len())));
        }
        let row = Row { columns, fields };
        for (key, name) in REQUIRED {
            let field = row.field(&Column::Key(key)).expect("the header has the columns a feed must have");
            if field.text.is_empty() {
                return Err(mistake(field, format!("there is no {name}")));
            }
        }
        Ok(row)
    }

    fn field(&self, column: &Column) -> Option<&Field> {
        self.columns.iter().position(|known| known == column).map(|at| &self.fields[at])
    }

    fn text(&self, column: &Column) -> &str {
        self.field(column).map_or("", |field| field.text.as_str())
    }

    /// Returns what HR calls the person.
    fn id(&self) -> &Field {
        let login = || self.field(&Column::Key("login")).expect("every row has a login");
        self.field(&Column::Id).filter(|id| !id.text.is_empty()).unwrap_or_else(login)
    }

    fn employee(&self, staff: &[Row<'_>]) -> Result<Employee, FeedError> {
        let mut profile = Vec::new();
        for (column, field) in self.columns.iter().zip(&self.fields) {
            match column {
                Column::Key(key) => profile.push(((*key).to_owned(), field.text.clone())),
                Column::Manager => profile.extend(self.manager(field, staff)?),
                _ => {}
            }
        }
        let groups = self.text(&Column::Groups).split(';').map(str::trim).filter(|name| !name.is_empty());
        let (start, last_day) = (self.day(&Column::Start)?, self.day(&Column::LastDay)?);
        self.in_order(start, &Column::LastDay, last_day)?;
        Ok(Employee {
            id: self.id().text.clone(),
            profile,
            groups: groups.map(str::to_owned).collect(),
            start,
            last_day,
            leave: self.leave()?,
        })
    }

    /// Returns what the profile says about the manager: whom they are, and what they are called.
    fn manager(&self, field: &Field, staff: &[Row<'_>]) -> Result<[(String, String); 2], FeedError> {
        let named = |row: &&Row<'_>| row.id().text == field.text || row.text(&Column::Key("login")) == field.text;
        let (login, name) = match staff.iter().find(named) {
            _ if field.text.is_empty() => (String::new(), String::new()),
            Some(row) => (row.text(&Column::Key("login")).to_owned(), row.display_name()),
            None => return Err(mistake(field, format!("the manager `{}` is nobody in this feed", field.text))),
        };
        Ok([("managerId".to_owned(), login), ("manager".to_owned(), name)])
    }

    fn display_name(&self) -> String {
        match self.text(&Column::Key("displayName")) {
            "" => format!("{} {}", self.text(&Column::Key("firstName")), self.text(&Column::Key("lastName"))),
            name => name.to_owned(),
        }
    }

    fn leave(&self) -> Result<Option<Leave>, FeedError> {
        let (from, to) = (self.day(&Column::LeaveFrom)?, self.day(&Column::LeaveTo)?);
        self.in_order(from, &Column::LeaveTo, to)?;
        match (from, to, self.field(&Column::LeaveTo)) {
            (None, Some(_), Some(field)) => Err(mistake(field, "the leave ends and never begins".to_owned())),
            (from, to, _) => Ok(from.map(|from| Leave { from, to })),
        }
    }

    fn day(&self, column: &Column) -> Result<Option<Date>, FeedError> {
        let Some(field) = self.field(column).filter(|field| !field.text.is_empty()) else { return Ok(None) };
        // The parser takes more than a day, and a feed with times in it means something else.
        let day = field.text.parse().ok().filter(|day: &Date| day.to_string() == field.text);
        day.map(Some).ok_or_else(|| mistake(field, format!("`{}` is no day; write it as 2026-03-09", field.text)))
    }

    fn in_order(&self, first: Option<Date>, column: &Column, last: Option<Date>) -> Result<(), FeedError> {
        match (first, last, self.field(column)) {
            (Some(first), Some(last), Some(field)) if last < first => {
                Err(mistake(field, format!("{last} is before {first}, when it begins")))
            }
            _ => Ok(()),
        }
    }
}

fn distinct(rows: &[Row<'_>], what: &str, key: &dyn Fn(&Row<'_>) -> String) -> Result<(), FeedError> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for row in rows {
        let field = if what == "id" { row.id() } else { row.field(&Column::Key("login")).unwrap_or(row.id()) };
        if let Some(line) = seen.insert(key(row), field.line) {
            return Err(mistake(field, format!("the {what} `{}` is that of line {line}, too", field.text)));
        }
    }
    Ok(())
}

fn mistake(field: &Field, what: String) -> FeedError {
    FeedError { line: field.line, column: field.column, width: field.text.chars().count().max(1), what }
}

/// The columns that are no keys of the Okta profile, or mean something else than the key.
const SPECIAL: [(&str, Column); 7] = [
    ("id", Column::Id),
    ("manager", Column::Manager),
    ("groups", Column::Groups),
    ("start date", Column::Start),
    ("last day", Column::LastDay),
    ("leave from", Column::LeaveFrom),
    ("leave to", Column::LeaveTo),
];

const REQUIRED: [(&str, &str); 3] = [("login", "login"), ("firstName", "first name"), ("lastName", "last name")];

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "id,login,first name,last name,title,manager,groups,start date,last day,leave from,leave to\n";

    fn parse(rows: &str) -> Result<HrFeed, FeedError> {
        HrFeed::parse(&format!("{HEADER}{rows}"))
    }

    #[test]
    fn a_feed_is_read_whatever_its_columns_are_called_and_wherever_they_stand() {
        let feed = HrFeed::parse(
            "LAST NAME,firstName,Login,Cost_Center,groups\nWinter,Lucy,lucy@a.example,\"4711, east\", Support ; Crew;\n",
        );
        let feed = feed.unwrap();
        let lucy = &feed.employees()[0];
        assert_eq!((lucy.id.as_str(), lucy.value("costCenter")), ("lucy@a.example", Some("4711, east")));
        assert_eq!(lucy.groups, ["Support", "Crew"]);
        assert_eq!((lucy.start, lucy.leave, lucy.display_name().as_str()), (None, None, "Lucy Winter"));
    }

    #[test]
    fn a_manager_is_somebody_of_the_feed() {
        let feed = parse("lucy,l@a,Lucy,Winter,,boss,,,,,\nboss,b@a,Zoe,Summer,CEO,,,,,,\n").unwrap();
        let lucy = feed.employee("lucy").unwrap();
        assert_eq!((lucy.value("managerId"), lucy.value("manager")), (Some("b@a"), Some("Zoe Summer")));
        assert_eq!(feed.employee("boss").unwrap().value("managerId"), None);
    }

    #[test]
    fn what_is_wrong_is_told_with_line_and_column() {
        for (rows, line, column, what) in [
            ("lucy,l@a,Lucy,Winter,,nobody,,,,,\n", 2, 23, "the manager `nobody` is nobody in this feed"),
            ("lucy,l@a,Lucy,Winter,,,,9.3.2026,,,\n", 2, 25, "`9.3.2026` is no day"),
            ("lucy,l@a,Lucy,Winter,,,,2026-03-09T10:00,,,\n", 2, 25, "is no day"),
            ("lucy,l@a,Lucy,Winter,,,,2026-02-30,,,\n", 2, 25, "`2026-02-30` is no day"),
            ("lucy,l@a,Lucy,Winter,,,,2026-03-09,2026-03-08,,\n", 2, 36, "is before"),
            ("lucy,l@a,Lucy,Winter,,,,,,2026-03-09,2026-03-08\n", 2, 38, "is before"),
            ("lucy,l@a,Lucy,Winter,,,,,,,2026-03-08\n", 2, 28, "never begins"),
            ("lucy,l@a,Lucy,Winter\n", 2, 15, "the row has 4 values, the header 11"),
            ("lucy,l@a,Lucy,Winter,,,,,,,,x\n", 2, 29, "the row has 12 values"),
            ("lucy,,Lucy,Winter,,,,,,,\n", 2, 6, "there is no login"),
            ("a,l@a,A,A,,,,,,,\na,m@a,B,B,,,,,,,\n", 3, 1, "the id `a` is that of line 2, too"),
            ("a,l@a,A,A,,,,,,,\nb,L@a,B,B,,,,,,,\n", 3, 3, "the login `L@a` is that of line 2, too"),
            ("a,\"l@a,A,A,,,,,,,\n", 2, 3, "the quote is not closed"),
        ] {
            let error = parse(rows).expect_err(rows);
            assert_eq!((error.line, error.column), (line, column), "{rows}: {error}");
            assert!(error.what.contains(what), "{rows}: {error}");
        }
        for (text, what) in [
            ("", "the feed is empty"),
            ("login,first name\n", "there is no column `last name`"),
            ("login,first name,last name,shoe size\n", "unknown column `shoe size`"),
            ("login,first name,last name,Login\n", "the column `Login` is there twice"),
        ] {
            let error = HrFeed::parse(text).expect_err(text);
            assert!(error.to_string().starts_with("line 1, column ") && error.what.contains(what), "{text}: {error}");
        }
    }
}
