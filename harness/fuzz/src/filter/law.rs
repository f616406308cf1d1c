//! Laws between filters: what must hold of several answers, whatever is right for each.

use super::catalog::Attribute;
use super::directory::{Directory, Status, operators};
use super::generate::{Generator, flipped};
use super::question::{Query, Way};
use super::spelling::{Freedom, Spelling};
use proptest::prelude::RngExt as _;
use scim_lang::filter::{CompareOp, Filter};
use scim_lang::path::AttrPath;
use scim_lang::schema::Type;
use serde_json::Value;
use std::collections::BTreeSet;

/// One law.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Law {
    /// A filter and its negation share nobody and leave nobody out.
    Complement,
    /// `and` is intersection, `or` is union.
    Lattice,
    /// Order and grouping of operands change nothing.
    Order,
    /// De Morgan's laws.
    DeMorgan,
    /// Two negations are none.
    DoubleNegation,
    /// `and` binds before `or`.
    Precedence,
    /// The case of names, operators and URNs changes nothing.
    NameCase,
    /// The case of an operand matters exactly where the schema says so.
    OperandCase,
    /// The URN before an attribute of the core changes nothing.
    Urn,
    /// `eq` implies `sw`, `ew`, `ge` and `le`; `sw` and `ew` imply `co`.
    Implication,
    /// `gt` and `eq` make up `ge`; `gt` and `le` share nobody.
    Ranges,
    /// What compares positively is present.
    Presence,
    /// Brackets with `and` find no more than the conditions outside.
    BracketsAnd,
    /// Brackets distribute over `or`.
    BracketsOr,
    /// Brackets with one condition are the condition.
    BracketsOne,
    /// Pages make up the whole.
    Pages,
    /// Who is found does not depend on what is shown of them, and in which order.
    Options,
    /// GET and POST, and the ways to encode a filter, agree.
    Ways,
    /// What is changed is found by its new value and not by its old one.
    Changed,
    /// A new resource changes an answer by itself at most.
    Added,
    /// `ne` leaves out exactly what `eq` finds, of all or of those with a value.
    Unequal,
}

impl Law {
    /// Every law, in the order of their numbers.
    pub const ALL: [Law; 21] = [
        Law::Complement,
        Law::Lattice,
        Law::Order,
        Law::DeMorgan,
        Law::DoubleNegation,
        Law::Precedence,
        Law::NameCase,
        Law::OperandCase,
        Law::Urn,
        Law::Implication,
        Law::Ranges,
        Law::Presence,
        Law::BracketsAnd,
        Law::BracketsOr,
        Law::BracketsOne,
        Law::Pages,
        Law::Options,
        Law::Ways,
        Law::Changed,
        Law::Added,
        Law::Unequal,
    ];

    /// Returns the identifier, `MR-F1` to `MR-F21`.
    pub fn id(self) -> &'static str {
        const IDS: [&str; 21] = [
            "MR-F1", "MR-F2", "MR-F3", "MR-F4", "MR-F5", "MR-F6", "MR-F7", "MR-F8", "MR-F9", "MR-F10", "MR-F11",
            "MR-F12", "MR-F13", "MR-F14", "MR-F15", "MR-F16", "MR-F17", "MR-F18", "MR-F19", "MR-F20", "MR-F21",
        ];
        IDS[Law::ALL.iter().position(|law| *law == self).expect("the list has every law")]
    }

    /// Returns the law of this identifier.
    pub fn of(id: &str) -> Option<Law> {
        Law::ALL.into_iter().find(|law| law.id().eq_ignore_ascii_case(id))
    }

    /// Returns the law in words.
    pub fn sentence(self) -> &'static str {
        match self {
            Law::Complement => "a filter and its negation share nobody and leave nobody out",
            Law::Lattice => "`and` finds what both find, `or` what either finds",
            Law::Order => "order and grouping of the operands of one word change nothing",
            Law::DeMorgan => "not (A and B) is not (A) or not (B), and the other way round",
            Law::DoubleNegation => "not (not (A)) is A",
            Law::Precedence => "A or B and C is A or (B and C)",
            Law::NameCase => "the case of names, operators and URNs changes nothing",
            Law::OperandCase => "the case of an operand matters where the attribute is caseExact, and there alone",
            Law::Urn => "an attribute of the core is the same with its schema's URN and without",
            Law::Implication => "who is found by eq is found by sw, ew, co, ge and le",
            Law::Ranges => "gt and eq together are ge; gt and le share nobody and leave nobody out who has a value",
            Law::Presence => "who is found by a value has one",
            Law::BracketsAnd => "who is found by A[p and q] is found by A.p and A.q",
            Law::BracketsOr => "A[p or q] is A[p] or A[q]",
            Law::BracketsOne => "A[p] is A.p",
            Law::Pages => "the pages make up the whole, without overlap, and the total stays",
            Law::Options => "count, sortBy, attributes and excludedAttributes do not change who is found",
            Law::Ways => "GET and POST, and the ways to encode a filter, find the same",
            Law::Changed => "after a change a resource is found by its new value and not by its old one",
            Law::Added => "a new resource changes an answer by itself at most",
            Law::Unequal => "ne finds all whom eq does not find, or all of those with a value",
        }
    }

    /// Returns whether the law is no more than a recommendation: RFC 7644 leaves `ne` and the order of text open.
    pub fn is_binding(self, operands: &[Filter]) -> bool {
        let is_text_in_order = || {
            let is_text = |filter: &Filter| matches!(filter, Filter::Compare { value: Value::String(_), .. });
            matches!(self, Law::Implication | Law::Ranges) && operands.iter().any(is_text)
        };
        self != Law::Unequal && !is_text_in_order()
    }

    /// Returns whether checking it takes more than queries.
    pub fn has_protocol(self) -> bool {
        matches!(self, Law::Pages | Law::Changed | Law::Added)
    }

    /// Makes the filters that a check of the law is about.
    pub(super) fn operands(self, generator: &mut Generator<'_>) -> Option<Vec<Filter>> {
        let support = &generator.directory.support;
        let needs: &[&str] = match self {
            Law::Complement | Law::DoubleNegation => &["not"],
            Law::Lattice | Law::Order => &["and", "or"],
            Law::DeMorgan => &["and", "or", "not"],
            Law::Precedence | Law::BracketsOr => &["and", "or", "parentheses"],
            Law::BracketsAnd => &["and"],
            Law::Presence | Law::Unequal => &["pr"],
            _ => &[],
        };
        if !needs.iter().all(|key| support.is_sound(key)) {
            return None;
        }
        match self {
            Law::Complement
            | Law::DoubleNegation
            | Law::NameCase
            | Law::Urn
            | Law::Pages
            | Law::Options
            | Law::Ways
            | Law::Added => generator.filter().map(|filter| vec![filter]),
            Law::Lattice | Law::DeMorgan => Some(vec![generator.condition(true)?, generator.condition(true)?]),
            Law::Order | Law::Precedence => {
                Some(vec![generator.condition(true)?, generator.condition(true)?, generator.condition(true)?])
            }
            Law::OperandCase | Law::Implication | Law::Ranges | Law::Presence | Law::Unequal => {
                (0..TRIES).find_map(|_| {
                    let filter = generator.condition(true)?;
                    self.suits(generator.directory, &filter).then(|| vec![filter])
                })
            }
            Law::BracketsAnd | Law::BracketsOr => in_brackets(generator, 2),
            Law::BracketsOne => in_brackets(generator, 1),
            Law::Changed => {
                let names = ["displayName", "title", "nickName"];
                let taken = |name: &&&str| {
                    let path = AttrPath::new(**name);
                    generator.directory.catalog.find(&path).is_some() && support.attribute(&path) == Status::Sound
                };
                let usable: Vec<&&str> = names.iter().filter(taken).collect();
                let path = AttrPath::new(**generator.pick(&usable)?);
                // It must not begin with the mark: nothing but the population does.
                let value = format!("changed-{}-{}", generator.world.mark, generator.rng.random_range(0..1000));
                Some(vec![Filter::compare(path, CompareOp::Eq, value)])
            }
        }
    }

    /// Returns whether the law says something about a single condition.
    fn suits(self, directory: &Directory, filter: &Filter) -> bool {
        let Some((attribute, op, value)) = comparison(directory, filter) else { return false };
        let text = value.as_str().unwrap_or_default();
        let is_text = attribute.ty == Type::String && !attribute.refers() && text.is_ascii() && !text.is_empty();
        match self {
            Law::OperandCase => is_text && op != CompareOp::Ne && !op.is_ordering() && flipped(text) != text,
            Law::Implication => is_text,
            Law::Ranges => !attribute.is_many && operators(attribute).contains(&CompareOp::Gt) && !value.is_null(),
            Law::Presence => op != CompareOp::Ne && value.as_str() != Some("") && !attribute.is_primary(),
            Law::Unequal => {
                !attribute.is_many && operators(attribute).contains(&CompareOp::Ne) && value.as_str() != Some("")
            }
            _ => true,
        }
    }

    /// Returns the queries whose answers the law is about.
    pub fn queries(self, directory: &Directory, operands: &[Filter]) -> Vec<Query> {
        let plain = |filter: Filter| Query::plain(filter);
        let text = |text: String, means: Filter| Query { text: Some(text), ..Query::plain(means) };
        match (self, operands) {
            (Law::Complement, [a]) => vec![plain(a.clone()), plain(a.clone().negated())],
            (Law::Lattice, [a, b]) => vec![
                plain(a.clone()),
                plain(b.clone()),
                plain(a.clone().and(b.clone())),
                plain(a.clone().or(b.clone())),
            ],
            (Law::Order, [a, b, c]) => vec![
                plain(a.clone().and(b.clone()).and(c.clone())),
                plain(c.clone().and(b.clone().and(a.clone()))),
                plain(a.clone().or(b.clone()).or(c.clone())),
                plain(c.clone().or(b.clone().or(a.clone()))),
            ],
            (Law::DeMorgan, [a, b]) => {
                let (not_a, not_b) = (a.clone().negated(), b.clone().negated());
                vec![
                    plain(a.clone().and(b.clone()).negated()),
                    plain(not_a.clone().or(not_b.clone())),
                    plain(a.clone().or(b.clone()).negated()),
                    plain(not_a.and(not_b)),
                ]
            }
            (Law::DoubleNegation, [a]) => vec![plain(a.clone()), plain(a.clone().negated().negated())],
            (Law::Precedence, [a, b, c]) => {
                let means = a.clone().or(b.clone().and(c.clone()));
                vec![
                    text(format!("{a} or {b} and {c}"), means.clone()),
                    text(format!("{a} or ({b} and {c})"), means),
                    text(format!("{b} and {c} or {a}"), b.clone().and(c.clone()).or(a.clone())),
                ]
            }
            (Law::NameCase, [a]) => {
                let freedoms = vec![Freedom::Names, Freedom::Operators, Freedom::UrnCase];
                let spelled = |seed| Spelling { freedoms: freedoms.clone(), seed };
                vec![
                    plain(a.clone()),
                    Query { spelling: spelled(1), ..plain(a.clone()) },
                    Query { spelling: spelled(2), ..plain(a.clone()) },
                ]
            }
            (Law::OperandCase, [a]) => vec![plain(a.clone()), plain(with_operand(a, flipped))],
            (Law::Urn, [a]) => {
                vec![plain(a.clone()), text(qualified(a, &directory.catalog.schema).to_string(), a.clone())]
            }
            (Law::Implication, [a]) => {
                use CompareOp::{Co, Eq, Ew, Ge, Le, Sw};
                [Eq, Sw, Ew, Co, Ge, Le].into_iter().map(|op| plain(with_operator(a, op))).collect()
            }
            (Law::Ranges, [a]) => {
                use CompareOp::{Eq, Ge, Gt, Le};
                let mut queries: Vec<Query> =
                    [Gt, Eq, Ge, Le].into_iter().map(|op| plain(with_operator(a, op))).collect();
                queries.extend(path_of(a).map(|path| plain(Filter::Present(path.clone()))));
                queries
            }
            (Law::Presence, [a]) => {
                let mut queries = vec![plain(a.clone())];
                queries.extend(path_of(a).map(|path| plain(Filter::Present(path.clone()))));
                queries
            }
            (Law::BracketsAnd, [a, b]) => match (inside(a), inside(b)) {
                (Some((path, p)), Some((_, q))) => {
                    vec![plain(around(path, p.clone().and(q.clone()))), plain(outside(path, p).and(outside(path, q)))]
                }
                _ => Vec::new(),
            },
            (Law::BracketsOr, [a, b]) => match (inside(a), inside(b)) {
                (Some((path, p)), Some((_, q))) => {
                    vec![plain(around(path, p.clone().or(q.clone()))), plain(a.clone().or(b.clone()))]
                }
                _ => Vec::new(),
            },
            (Law::BracketsOne, [a]) => match inside(a) {
                Some((path, p)) => vec![plain(a.clone()), plain(outside(path, p))],
                None => Vec::new(),
            },
            (Law::Options, [a]) => vec![
                plain(a.clone()),
                Query { options: vec![("sortBy", "id".to_owned())], ..plain(a.clone()) },
                Query { options: vec![("attributes", "id".to_owned())], ..plain(a.clone()) },
                Query { options: vec![("excludedAttributes", first_name(a))], ..plain(a.clone()) },
            ],
            (Law::Ways, [a]) => vec![
                plain(a.clone()),
                Query { way: Way::Post, ..plain(a.clone()) },
                Query { lower_hex: true, ..plain(a.clone()) },
                Query { filter_last: true, options: vec![("startIndex", "1".to_owned())], ..plain(a.clone()) },
                Query { spelling: Spelling { freedoms: vec![Freedom::Escapes], seed: 3 }, ..plain(a.clone()) },
            ],
            (Law::Unequal, [a]) => {
                use CompareOp::{Eq, Ne};
                let mut queries = vec![plain(with_operator(a, Ne)), plain(with_operator(a, Eq))];
                queries.extend(path_of(a).map(|path| plain(Filter::Present(path.clone()))));
                queries
            }
            _ => Vec::new(),
        }
    }

    /// Returns in words what is broken, given the answers to the queries; a refused one is missing.
    pub fn breach(
        self,
        directory: &Directory,
        operands: &[Filter],
        answers: &[Option<BTreeSet<String>>],
    ) -> Option<String> {
        let found = |at: usize| answers.get(at).and_then(Option::as_ref);
        let universe = directory.universe();
        match self {
            Law::Complement => {
                let (yes, no) = (found(0)?, found(1)?);
                differ("the filter and its negation", &(yes | no), "all", &universe).or_else(|| {
                    differ("what both the filter and its negation find", &(yes & no), "nobody", &BTreeSet::new())
                })
            }
            Law::Lattice => {
                let (a, b) = (found(0)?, found(1)?);
                let conjunction = found(2).and_then(|both| differ("A and B", both, "what A and B both find", &(a & b)));
                let disjunction = || found(3).and_then(|any| differ("A or B", any, "what A or B finds", &(a | b)));
                conjunction.or_else(disjunction)
            }
            Law::Order | Law::DeMorgan => [(0, 1), (2, 3)]
                .into_iter()
                .find_map(|(one, other)| differ("the first", found(one)?, "the second", found(other)?)),
            Law::DoubleNegation | Law::BracketsOne | Law::BracketsOr | Law::Urn => {
                differ("the one", found(0)?, "the other", found(1)?)
            }
            Law::Precedence | Law::NameCase | Law::Options | Law::Ways => {
                let first = found(0)?;
                (1..answers.len()).find_map(|at| differ("the first", first, &format!("query {}", at + 1), found(at)?))
            }
            Law::OperandCase => self.case_breach(directory, operands.first()?, found(0)?, found(1)?),
            Law::Implication => [(0, 1), (0, 2), (0, 3), (1, 3), (2, 3), (0, 4), (0, 5)]
                .into_iter()
                .find_map(|(less, more)| exceeds(NAMES[less], found(less)?, NAMES[more], found(more)?)),
            Law::Ranges => {
                let (gt, ge) = (found(0)?, found(2)?);
                let equal = found(1).and_then(|eq| differ("gt and eq", &(gt | eq), "ge", ge));
                equal.or_else(|| {
                    let (le, pr) = (found(3)?, found(4)?);
                    differ("gt and le", &(gt | le), "pr", pr)
                        .or_else(|| differ("what both gt and le find", &(gt & le), "nobody", &BTreeSet::new()))
                })
            }
            Law::Presence => exceeds("the comparison", found(0)?, "pr", found(1)?),
            Law::BracketsAnd => exceeds("A[p and q]", found(0)?, "A.p and A.q", found(1)?),
            Law::Unequal => {
                let (ne, eq) = (found(0)?, found(1)?);
                let of_all = &universe - eq;
                let of_present = found(2).map(|present| present - eq);
                let fits = *ne == of_all || of_present.as_ref() == Some(ne);
                if fits { None } else { differ("ne", ne, "all but those of eq", &of_all) }
            }
            Law::Pages | Law::Changed | Law::Added => None,
        }
    }

    fn case_breach(
        self,
        directory: &Directory,
        operand: &Filter,
        as_it_is: &BTreeSet<String>,
        in_other_case: &BTreeSet<String>,
    ) -> Option<String> {
        let (attribute, op, _) = comparison(directory, operand)?;
        if !attribute.case_exact {
            return differ("the operand", as_it_is, "the same in another case", in_other_case);
        }
        let both = as_it_is & in_other_case;
        let is_decided = op == CompareOp::Eq && !attribute.is_many;
        (is_decided && !both.is_empty()).then(|| format!("found in either case, although caseExact: {both:?}"))
    }
}

const NAMES: [&str; 6] = ["eq", "sw", "ew", "co", "ge", "le"];

fn differ(one: &str, left: &BTreeSet<String>, other: &str, right: &BTreeSet<String>) -> Option<String> {
    let (more, less) = (left - right, right - left);
    (left != right).then(|| {
        let mut parts = Vec::new();
        if !more.is_empty() {
            parts.push(format!("{} found by {one} and not by {other}", more.len()));
        }
        if !less.is_empty() {
            parts.push(format!("{} found by {other} and not by {one}", less.len()));
        }
        parts.join(", ")
    })
}

fn exceeds(one: &str, less: &BTreeSet<String>, other: &str, more: &BTreeSet<String>) -> Option<String> {
    let extra = less - more;
    (!extra.is_empty()).then(|| format!("{} found by {one} and not by {other}", extra.len()))
}

/// Returns the parts of a single comparison of an attribute of the resource.
pub(super) fn comparison<'f>(
    directory: &'f Directory,
    filter: &'f Filter,
) -> Option<(&'f Attribute, CompareOp, &'f Value)> {
    match filter {
        Filter::Compare { path, op, value } => Some((directory.catalog.find(path)?, *op, value)),
        _ => None,
    }
}

fn path_of(filter: &Filter) -> Option<&AttrPath> {
    match filter {
        Filter::Compare { path, .. } | Filter::Present(path) => Some(path),
        _ => None,
    }
}

fn with_operator(filter: &Filter, op: CompareOp) -> Filter {
    match filter {
        Filter::Compare { path, value, .. } => Filter::Compare { path: path.clone(), op, value: value.clone() },
        other => other.clone(),
    }
}

fn with_operand(filter: &Filter, change: fn(&str) -> String) -> Filter {
    match filter {
        Filter::Compare { path, op, value: Value::String(text) } => {
            Filter::Compare { path: path.clone(), op: *op, value: change(text).into() }
        }
        other => other.clone(),
    }
}

/// Returns the filter with the URN of the base schema before each of its attributes.
fn qualified(filter: &Filter, schema: &str) -> Filter {
    let path = |path: &AttrPath| match path.schema {
        Some(_) => path.clone(),
        None => path.clone().with_schema(schema),
    };
    let below = |inner: &Filter| Box::new(qualified(inner, schema));
    match filter {
        Filter::And(left, right) => Filter::And(below(left), below(right)),
        Filter::Or(left, right) => Filter::Or(below(left), below(right)),
        Filter::Not(inner) => Filter::Not(below(inner)),
        Filter::Compare { path: name, op, value } => {
            Filter::Compare { path: path(name), op: *op, value: value.clone() }
        }
        Filter::Present(name) => Filter::Present(path(name)),
        Filter::ValuePath { path: name, filter } => Filter::ValuePath { path: path(name), filter: filter.clone() },
    }
}

fn in_brackets(generator: &mut Generator<'_>, count: usize) -> Option<Vec<Filter>> {
    let list = generator.pick(&generator.stock.choice(true).lists)?;
    let mut operands = Vec::new();
    for _ in 0..count {
        // A negative condition on an element is another one outside, and so is one on what elements leave out.
        let condition = (0..TRIES).find_map(|_| {
            let condition = generator.element_condition(list)?;
            let is_plain = match &condition {
                Filter::Compare { op, path, .. } => *op != CompareOp::Ne && !path.is("primary"),
                _ => true,
            };
            is_plain.then_some(condition)
        })?;
        operands.push(around(&list.path, condition));
    }
    Some(operands)
}

fn inside(filter: &Filter) -> Option<(&AttrPath, &Filter)> {
    match filter {
        Filter::ValuePath { path, filter } => Some((path, filter)),
        _ => None,
    }
}

fn around(path: &AttrPath, filter: Filter) -> Filter {
    Filter::ValuePath { path: path.clone(), filter: Box::new(filter) }
}

/// Returns a condition on an element as one on the resource.
pub(super) fn outside(parent: &AttrPath, inside: &Filter) -> Filter {
    let path = |path: &AttrPath| parent.clone().with_sub(path.name.clone());
    match inside {
        Filter::Compare { path: name, op, value } => {
            Filter::Compare { path: path(name), op: *op, value: value.clone() }
        }
        Filter::Present(name) => Filter::Present(path(name)),
        other => other.clone(),
    }
}

fn first_name(filter: &Filter) -> String {
    match filter {
        Filter::And(left, _) | Filter::Or(left, _) | Filter::Not(left) => first_name(left),
        Filter::Compare { path, .. } | Filter::Present(path) | Filter::ValuePath { path, .. } => path.to_string(),
    }
}

const TRIES: usize = 12;
