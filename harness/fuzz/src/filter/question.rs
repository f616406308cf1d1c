//! One input: what is asked of the server, and how it is written down.

use super::directory::Directory;
use super::invalid::{self, Mistake};
use super::law::Law;
use super::moment;
use super::spelling::{Freedom, Spelling};
use super::{Kind, World};
use scim_lang::filter::{Filter, instant, parse};
use scim_lang::schema::Type;
use serde_json::Value;

/// What is asked of the server.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Of whom.
    pub kind: Kind,
    /// What.
    pub ask: Ask,
}

/// The kinds of question.
#[derive(Debug, Clone, PartialEq)]
pub enum Ask {
    /// Who meets a filter?
    Filter {
        /// The filter.
        filter: Filter,
        /// How it is written.
        spelling: Spelling,
        /// How it is sent.
        way: Way,
    },
    /// Does a law hold?
    Law {
        /// The law.
        law: Law,
        /// What it is about.
        operands: Vec<Filter>,
    },
    /// Is what is no filter refused?
    Wrong {
        /// What is sent.
        text: String,
        /// What is wrong with it.
        mistake: Mistake,
    },
}

/// How a query travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Way {
    /// In a URL.
    #[default]
    Get,
    /// In the body of a POST to `.search` (RFC 7644 §3.4.3).
    Post,
}

/// One query.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// What is meant.
    pub filter: Filter,
    /// The text, where it is not for the spelling to make it.
    pub text: Option<String>,
    /// How the filter is written.
    pub spelling: Spelling,
    /// How it is sent.
    pub way: Way,
    /// Whether hexadecimal digits of the URL are lower-case (RFC 3986 §2.1).
    pub lower_hex: bool,
    /// Whether the filter is the last parameter.
    pub filter_last: bool,
    /// Other parameters.
    pub options: Vec<(&'static str, String)>,
}

impl Query {
    /// Returns the query that a client would send.
    pub fn plain(filter: Filter) -> Query {
        Query {
            filter,
            text: None,
            spelling: Spelling::default(),
            way: Way::Get,
            lower_hex: false,
            filter_last: false,
            options: Vec::new(),
        }
    }

    /// Returns the text of the filter, for a type whose base schema has this URN.
    pub fn text(&self, schema: &str) -> String {
        self.text.clone().unwrap_or_else(|| self.spelling.write(&self.filter, schema))
    }
}

impl Question {
    /// Returns the question who meets a filter, asked as a client would.
    pub fn plain(kind: Kind, filter: Filter) -> Question {
        Question { kind, ask: Ask::Filter { filter, spelling: Spelling::default(), way: Way::Get } }
    }

    /// Writes the question as one line.
    ///
    /// A filter of users, spelled as usual, is just its text. What else matters stands in front of a colon:
    /// `Groups post spelled 0x7 names+words: displayName pr`, `Users MR-F4: A ;; B`, `Users wrong empty-brackets: …`.
    pub(super) fn print(&self, world: &World) -> String {
        let mut head = match self.kind {
            Kind::Users => "Users".to_owned(),
            Kind::Groups => "Groups".to_owned(),
        };
        let body = match &self.ask {
            Ask::Filter { filter, spelling, way } => {
                if *way == Way::Post {
                    head.push_str(" post");
                }
                if !spelling.freedoms.is_empty() {
                    let freedoms: Vec<&str> = spelling.freedoms.iter().map(|freedom| word_of(*freedom)).collect();
                    head.push_str(&format!(" spelled {:#x} {}", spelling.seed, freedoms.join("+")));
                }
                timeless(filter, world, self.kind).to_string()
            }
            Ask::Law { law, operands } => {
                head.push_str(&format!(" {}", law.id()));
                let texts = operands.iter().map(|operand| timeless(operand, world, self.kind).to_string());
                texts.collect::<Vec<_>>().join(SEPARATOR)
            }
            Ask::Wrong { text, mistake } => {
                head.push_str(&format!(" wrong {}", mistake.name));
                text.clone()
            }
        };
        let body = world.generalized(&body);
        if head == "Users" { body } else { format!("{head}: {body}") }
    }

    /// Reads what [`Question::print`] has written, or a filter; `specialized` puts in what stands for something else.
    pub(super) fn parse(
        text: &str,
        specialized: impl Fn(&str, Kind) -> Result<String, String>,
    ) -> Result<Question, String> {
        let (head, body) = split_head(text);
        let mut words = head.split_whitespace().peekable();
        let mut kind = Kind::Users;
        let (mut way, mut spelling, mut law, mut wrong) = (Way::Get, Spelling::default(), None, None);
        while let Some(word) = words.next() {
            match word {
                "Users" => kind = Kind::Users,
                "Groups" => kind = Kind::Groups,
                "post" => way = Way::Post,
                "spelled" => {
                    let seed = words.next().and_then(|seed| seed.strip_prefix("0x"));
                    let seed = seed.and_then(|seed| u64::from_str_radix(seed, 16).ok());
                    let freedoms = words.next().unwrap_or_default().split('+').map(freedom_of).collect();
                    let (Some(seed), Some(freedoms)) = (seed, freedoms) else {
                        return Err("`spelled` wants a number such as 0x7 and names such as names+words".to_owned());
                    };
                    spelling = Spelling { freedoms, seed };
                }
                "wrong" => wrong = Some(words.next().ok_or("`wrong` wants the name of a mistake")?),
                other => match Law::of(other) {
                    Some(known) => law = Some(known),
                    None => {
                        return Err(format!("`{other}` is neither a type, nor a law, nor `post`, `spelled`, `wrong`"));
                    }
                },
            }
        }
        let body = specialized(body, kind)?;
        let filter = |text: &str| parse(text).map_err(|error| format!("`{text}` is no filter: {error}"));
        let ask = match (law, wrong, parse(&body)) {
            (Some(law), _, _) => {
                Ask::Law { law, operands: split_operands(&body).into_iter().map(filter).collect::<Result<_, _>>()? }
            }
            (None, None, Ok(filter)) => Ask::Filter { filter, spelling, way },
            (None, name, _) => match invalid::mistake_in(&body, name) {
                Some(mistake) => Ask::Wrong { text: body, mistake },
                None => {
                    return Err(format!(
                        "`{body}` is a filter; say `Users wrong` with the name of a mistake before it, if it is one"
                    ));
                }
            },
        };
        Ok(Question { kind, ask })
    }

    /// Returns how large it is: conditions first, then everything else.
    pub(super) fn size(&self) -> usize {
        match &self.ask {
            Ask::Filter { filter, spelling, way } => {
                size_of(filter) + 20 * spelling.freedoms.len() + if *way == Way::Post { 20 } else { 0 }
            }
            Ask::Law { operands, .. } => 50 + 4 * operands.iter().map(size_of).sum::<usize>(),
            Ask::Wrong { text, .. } => text.len(),
        }
    }

    /// Returns simpler questions, the most daring first.
    pub(super) fn simpler(&self, directory: &Directory) -> Vec<Question> {
        let with = |ask: Ask| Question { kind: self.kind, ask };
        let mut simpler = Vec::new();
        match &self.ask {
            Ask::Filter { filter, spelling, way } => {
                let spelled =
                    |spelling: Spelling, way: Way| with(Ask::Filter { filter: filter.clone(), spelling, way });
                let spellings = if spelling.freedoms.is_empty() {
                    vec![spelling.clone()]
                } else {
                    vec![spelling.clone(), spelling.everywhere()]
                };
                for smaller in smaller(filter) {
                    let ask = |spelling: &Spelling| {
                        with(Ask::Filter { filter: smaller.clone(), spelling: spelling.clone(), way: *way })
                    };
                    simpler.extend(spellings.iter().map(ask));
                }
                simpler.push(spelled(Spelling::default(), Way::Get));
                simpler.push(spelled(spelling.clone(), Way::Get));
                simpler.push(spelled(Spelling::default(), *way));
                for (at, freedom) in spelling.freedoms.iter().enumerate() {
                    let mut others = spelling.clone();
                    others.freedoms.remove(at);
                    for fewer in [spelling.only(*freedom), others] {
                        simpler.push(spelled(fewer.everywhere(), *way));
                        simpler.push(spelled(fewer, *way));
                    }
                }
            }
            Ask::Law { law, operands } => {
                // Where one of its answers is wrong by itself, the law adds nothing.
                let queries = law.queries(directory, operands);
                simpler.extend(queries.into_iter().map(|query| Question::plain(self.kind, query.filter)));
                for (at, operand) in operands.iter().enumerate() {
                    for smaller in smaller(operand) {
                        let mut operands = operands.clone();
                        operands[at] = smaller;
                        simpler.push(with(Ask::Law { law: *law, operands }));
                    }
                }
            }
            Ask::Wrong { text, mistake } => {
                let texts = invalid::simpler(text, *mistake).into_iter();
                simpler.extend(texts.map(|text| with(Ask::Wrong { text, mistake: *mistake })));
            }
        }
        simpler.retain(|question| question.size() < self.size());
        simpler
    }
}

/// Returns how many single conditions a filter has.
pub fn leaves(filter: &Filter) -> usize {
    match filter {
        Filter::And(left, right) | Filter::Or(left, right) => leaves(left) + leaves(right),
        Filter::Not(inner) | Filter::ValuePath { filter: inner, .. } => leaves(inner),
        Filter::Compare { .. } | Filter::Present(_) => 1,
    }
}

fn size_of(filter: &Filter) -> usize {
    match filter {
        Filter::And(left, right) | Filter::Or(left, right) => 50 + size_of(left) + size_of(right),
        Filter::Not(inner) => 50 + size_of(inner),
        Filter::ValuePath { filter, .. } => 300 + size_of(filter),
        Filter::Present(_) => 1000,
        Filter::Compare { value: Value::String(text), .. } => 1000 + text.chars().count().min(250),
        Filter::Compare { .. } => 1001,
    }
}

/// Returns smaller filters: operands of `and` and `or`, without `not`, without brackets, with shorter text.
fn smaller(filter: &Filter) -> Vec<Filter> {
    let mut found = Vec::new();
    match filter {
        Filter::And(left, right) | Filter::Or(left, right) => {
            let join = |left: Filter, right: Filter| match filter {
                Filter::And(..) => left.and(right),
                _ => left.or(right),
            };
            found.extend([(**left).clone(), (**right).clone()]);
            found.extend(smaller(left).into_iter().map(|left| join(left, (**right).clone())));
            found.extend(smaller(right).into_iter().map(|right| join((**left).clone(), right)));
        }
        Filter::Not(inner) => {
            found.push((**inner).clone());
            found.extend(smaller(inner).into_iter().map(Filter::negated));
        }
        Filter::ValuePath { path, filter } => {
            if matches!(**filter, Filter::Compare { .. } | Filter::Present(_)) {
                found.push(super::law::outside(path, filter));
            }
            let around = |filter| Filter::ValuePath { path: path.clone(), filter: Box::new(filter) };
            found.extend(smaller(filter).into_iter().map(around));
        }
        Filter::Compare { path, op, value: Value::String(text) } if instant(text).is_none() => {
            let shorter = shorter(text).into_iter();
            found.extend(shorter.map(|text| Filter::Compare { path: path.clone(), op: *op, value: text.into() }));
        }
        Filter::Compare { .. } | Filter::Present(_) => {}
    }
    found
}

/// Returns the halves of a text, and the text without its first and without its last letter.
fn shorter(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    let length = letters.len();
    if length < 2 {
        return Vec::new();
    }
    let part = |from: usize, to: usize| letters[from..to].iter().collect::<String>();
    let parts = [part(0, length / 2), part(length / 2, length), part(1, length), part(0, length - 1)];
    parts.into_iter().filter(|part| part.trim() == part && !part.is_empty()).collect()
}

/// Returns the filter with times relative to the run.
fn timeless(filter: &Filter, world: &World, kind: Kind) -> Filter {
    let directory = world.directory(kind);
    let below = |inner: &Filter| Box::new(timeless(inner, world, kind));
    match filter {
        Filter::And(left, right) => Filter::And(below(left), below(right)),
        Filter::Or(left, right) => Filter::Or(below(left), below(right)),
        Filter::Not(inner) => Filter::Not(below(inner)),
        Filter::Compare { path, op, value: Value::String(text) }
            if directory.catalog.find(path).is_some_and(|attribute| attribute.ty == Type::DateTime) =>
        {
            let relative = directory.born().and_then(|born| moment::read(born, text));
            let text = relative.map_or(text.clone(), |(seconds, zone)| format!("{{{{time {seconds} {zone}}}}}"));
            Filter::Compare { path: path.clone(), op: *op, value: text.into() }
        }
        other => other.clone(),
    }
}

/// Splits the words before the first `: ` from the rest, if they are such.
fn split_head(text: &str) -> (&str, &str) {
    match text.split_once(": ") {
        Some((head, body)) if head.starts_with("Users") || head.starts_with("Groups") => {
            let is_head = head.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" +-".contains(&byte));
            if is_head { (head, body) } else { ("", text) }
        }
        _ => ("", text),
    }
}

/// Splits operands at the separator, where it stands outside strings.
fn split_operands(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut in_string, mut escaped) = (Vec::new(), 0, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' if !escaped => in_string = !in_string,
            b'\\' if in_string => {
                escaped = !escaped;
                continue;
            }
            b' ' if !in_string && at >= start && text[at..].starts_with(SEPARATOR) => {
                parts.push(&text[start..at]);
                start = at + SEPARATOR.len();
            }
            _ => {}
        }
        escaped = false;
    }
    parts.push(&text[start..]);
    parts
}

const SEPARATOR: &str = " ;; ";

const WORDS: [(&str, Freedom); 8] = [
    ("names", Freedom::Names),
    ("operators", Freedom::Operators),
    ("words", Freedom::Words),
    ("urns", Freedom::Urns),
    ("urn-case", Freedom::UrnCase),
    ("parentheses", Freedom::Parentheses),
    ("not-space", Freedom::NotSpace),
    ("escapes", Freedom::Escapes),
];

fn word_of(freedom: Freedom) -> &'static str {
    WORDS.iter().find(|(_, known)| *known == freedom).map_or("", |(word, _)| word)
}

fn freedom_of(word: &str) -> Option<Freedom> {
    WORDS.iter().find(|(known, _)| *known == word).map(|(_, freedom)| *freedom)
}
