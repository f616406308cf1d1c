//! How bodies are made: a plain resource, and a few things in it that no form would produce.

use super::node::{Node, Piece};
use super::shape::{Attribute, Kind, Shape, Type};
use super::{Draft, MEDIA_TYPES, Mangling, Verb};
use proptest::prelude::{Just, Rng, Strategy};
use proptest::strategy::BoxedStrategy;
use proptest::test_runner::TestRng;

/// Returns how bodies for some kinds of resources are made.
pub(super) fn drafts(shapes: Vec<Shape>, verbs: Vec<Verb>) -> BoxedStrategy<Draft> {
    Just(()).prop_perturb(move |(), rng| Dice { rng, long: MOST_LONG }.draft(&shapes, &verbs)).boxed()
}

struct Dice {
    rng: TestRng,
    /// How many more long texts there may be, so that a body stays within what a server has to read.
    long: usize,
}

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound.max(1)).expect("a usize fits");
        usize::try_from(self.rng.next_u64() % bound).expect("below a usize")
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    fn draft(&mut self, shapes: &[Shape], verbs: &[Verb]) -> Draft {
        let at = if shapes.len() > 1 && self.chance(20) { 1 } else { 0 };
        let shape = &shapes[at];
        let verb = *self.pick(verbs);
        let mut members = plain(shape);
        if self.chance(35) {
            members[1].1 = self.name();
        }
        for _ in 0..self.below(3) + usize::from(members[1].1 == plain_name(shape.kind)) {
            self.disturb(&mut members, shape);
        }
        let media = if self.chance(8) { self.below(MEDIA_TYPES.len()) } else { 0 };
        let mangling = if self.chance(6) { Some(*self.pick(&Mangling::ALL)) } else { None };
        Draft { verb, kind: shape.kind, media, mangling, body: Node::Object(members) }
    }

    /// Adds something to a resource that is plain otherwise.
    fn disturb(&mut self, members: &mut Vec<(String, Node)>, shape: &Shape) {
        let writable: Vec<&Attribute> = shape
            .attributes
            .iter()
            .filter(|attribute| attribute.writable && !is_basic(shape.kind, &attribute.name))
            .collect();
        if writable.is_empty() {
            return;
        }
        let attribute = *self.pick(&writable);
        match self.below(100) {
            0..50 => {
                let value = self.value(attribute);
                set(members, &attribute.name, value);
            }
            50..62 => {
                let value = self.wrong(attribute);
                set(members, &attribute.name, value);
            }
            62..70 if !shape.extensions.is_empty() => {
                let (urn, attributes) = self.pick(&shape.extensions).clone();
                let block = self.block(&attributes);
                set(members, &urn, block);
            }
            70..77 => {
                let (one, other) = (self.value(attribute), self.value(attribute));
                set(members, &attribute.name, one);
                let shouted = self.chance(40);
                let name = if shouted { attribute.name.to_uppercase() } else { attribute.name.clone() };
                members.push((name, other));
            }
            77..82 => {
                let value = self.any(2);
                set(
                    members,
                    self.pick::<&str>(&["favouriteColour", "urn:example:none:1.0:User", "__proto__", "$ref", ""]),
                    value,
                );
            }
            82..87 => {
                let value = self.any(2);
                set(members, self.pick::<&str>(&["id", "meta", "groups"]), value);
            }
            87..92 => {
                let schemas = self.schemas(shape);
                members.retain(|(name, _)| name != "schemas");
                members.extend(schemas.map(|schemas| ("schemas".to_owned(), schemas)));
            }
            92..94 => {
                let depth = *self.pick(&[10, 60, 130, 600, 5000, 100_000]);
                let name = if self.chance(50) { "favouriteColour" } else { attribute.name.as_str() };
                set(members, name, Node::Deep(depth));
            }
            94..98 => {
                let has_primary =
                    |attribute: &&&Attribute| attribute.sub_attributes.iter().any(|sub| sub.name == "primary");
                let lists: Vec<&Attribute> = writable.iter().filter(has_primary).copied().collect();
                if let Some(attribute) = lists.get(self.below(lists.len())) {
                    set(members, &attribute.name, two_primaries());
                }
            }
            _ => {
                let nothing = if self.chance(50) { Node::Word("null".to_owned()) } else { Node::List(Vec::new()) };
                set(members, shape.kind.naming(), nothing);
            }
        }
    }

    fn name(&mut self) -> Node {
        let strange = self.pick(TEXTS).to_string();
        match self.below(10) {
            0 => Node::Text(vec![Piece::Raw(strange), Piece::Mark]),
            1 => {
                let letter = self.pick(LETTERS).to_string();
                let times = *self.pick(LENGTHS).min(&5000);
                Node::Text(vec![Piece::Mark, Piece::Repeat(letter, times)])
            }
            _ => Node::Text(vec![Piece::Mark, Piece::Raw(format!(".{strange}"))]),
        }
    }

    /// Returns a value of the right type.
    fn value(&mut self, attribute: &Attribute) -> Node {
        if !attribute.multi_valued {
            return self.single(attribute);
        }
        let number = *self.pick(&[0, 1, 1, 1, 2, 2, 40]);
        Node::List((0..number).map(|_| self.single(attribute)).collect())
    }

    fn single(&mut self, attribute: &Attribute) -> Node {
        match attribute.ty {
            Type::Text => self.text(),
            Type::Boolean => Node::Word(self.pick(&["true", "false"]).to_string()),
            Type::Integer => Node::Word(self.pick(INTEGERS).to_string()),
            Type::Decimal => Node::Word(self.pick(NUMBERS).to_string()),
            Type::Formatted => Node::text("https://example.test/x"),
            Type::Complex => self.block(&attribute.sub_attributes),
        }
    }

    fn block(&mut self, attributes: &[Attribute]) -> Node {
        let some: Vec<&Attribute> =
            attributes.iter().filter(|attribute| attribute.writable && attribute.ty != Type::Complex).collect();
        let mut members = Vec::new();
        for attribute in some {
            // One primary value at most is no business of this.
            if attribute.name != "primary" && self.chance(40) {
                members.push((attribute.name.clone(), self.single(attribute)));
            }
        }
        Node::Object(members)
    }

    fn text(&mut self) -> Node {
        match self.below(10) {
            0 => Node::text(""),
            1..8 => Node::text(self.pick::<&str>(TEXTS)),
            _ if self.long == 0 => Node::text("long enough"),
            _ => {
                self.long -= 1;
                let letter = self.pick(LETTERS).to_string();
                Node::Text(vec![Piece::Repeat(letter, *self.pick(LENGTHS))])
            }
        }
    }

    /// Returns a value of another type, most of the time.
    fn wrong(&mut self, attribute: &Attribute) -> Node {
        let inside = attribute.ty == Type::Complex && !attribute.sub_attributes.is_empty() && self.chance(50);
        if inside {
            let sub = self.pick(&attribute.sub_attributes).name.clone();
            let block = Node::Object(vec![(sub, self.any(1))]);
            return if attribute.multi_valued { Node::List(vec![block]) } else { block };
        }
        self.any(2)
    }

    fn any(&mut self, depth: usize) -> Node {
        match self.below(if depth == 0 { 6 } else { 10 }) {
            0 => Node::Word("null".to_owned()),
            1 => Node::Word(self.pick(&["true", "false"]).to_string()),
            2 | 3 => Node::Word(self.pick(NUMBERS).to_string()),
            4 | 5 => self.text(),
            6 | 7 => Node::List((0..self.below(3)).map(|_| self.any(depth - 1)).collect()),
            _ => Node::Object((0..self.below(3)).map(|at| (format!("x{at}"), self.any(depth - 1))).collect()),
        }
    }

    /// Returns `schemas` that are not as they should be; none where they are left out.
    fn schemas(&mut self, shape: &Shape) -> Option<Node> {
        let own = Node::text(&shape.schema);
        Some(match self.below(8) {
            0 => return None,
            1 => Node::List(Vec::new()),
            2 => own,
            3 => Node::List(vec![own.clone(), own]),
            4 => Node::List(vec![Node::text(&shape.schema.to_uppercase())]),
            5 => Node::List(vec![own, Node::text("urn:example:none:1.0:User")]),
            6 => Node::List(vec![Node::Word("5".to_owned())]),
            _ => Node::List(vec![Node::text("urn:example:none:1.0:User")]),
        })
    }
}

/// Returns the members of a resource that nothing is wrong with: `schemas`, then the name.
pub(super) fn plain(shape: &Shape) -> Vec<(String, Node)> {
    vec![
        ("schemas".to_owned(), Node::List(vec![Node::text(&shape.schema)])),
        (shape.kind.naming().to_owned(), plain_name(shape.kind)),
    ]
}

fn plain_name(kind: Kind) -> Node {
    let end = if kind == Kind::User { "@example.test" } else { " crew" };
    Node::Text(vec![Piece::Mark, Piece::Raw(end.to_owned())])
}

/// RFC 7643 §2.4: one value at most is the primary one.
fn two_primaries() -> Node {
    let primary = |value: &str| {
        let yes = Node::Word("true".to_owned());
        Node::Object(vec![("value".to_owned(), Node::text(value)), ("primary".to_owned(), yes)])
    };
    Node::List(vec![primary("one"), primary("two")])
}

fn is_basic(kind: Kind, name: &str) -> bool {
    // Who the members are is the business of lives; what a password may be is that of a policy.
    ["schemas", "members", "password", kind.naming()].iter().any(|basic| basic.eq_ignore_ascii_case(name))
}

fn set(members: &mut Vec<(String, Node)>, name: &str, value: Node) {
    members.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    members.push((name.to_owned(), value));
}

/// As they stand between quotation marks.
const TEXTS: &[&str] = &[
    "plain",
    "Zoë",
    "Zoe\u{308}",
    "\u{1e9b}\u{323}",
    "ﬃ ligature",
    "İstanbul",
    "straße",
    "ſharp",
    "ΣΊΣΥΦΟΣ",
    "山田太郎",
    "दीपक",
    "😀",
    "\\ud83d\\ude00",
    "👩\u{200d}👩\u{200d}👧",
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢",
    "\u{202e}nobody",
    "\u{2066}אבג\u{2069}",
    "a\\u0000b",
    "\\u0000",
    "a\\u0001\\u001fb",
    "a\\u007fb\u{85}",
    "\\ud800",
    "\\udc00\\ud800",
    "\\uffff\u{fffe}",
    "\u{feff}bom",
    "a\\tb\\nc\\r\\n",
    "\\\"quoted\\\" \\\\ \\/",
    "O'Brien",
    "'; DROP TABLE users; --",
    "a%b_c",
    "%s%n%p",
    "${jndi:x}{{x}}",
    "<script>alert(1)</script>",
    "&amp;",
    "=cmd|' /C calc'!A0",
    "../../etc/passwd",
    "",
    " ",
    "  two  ",
    "null",
    "true",
    "0",
    "0x1p3",
    "2026-01-01T00:00:00Z",
    "\\u0065\\u0301",
];

const LETTERS: &[&str] = &["a", "é", "😀", "e\u{301}", "\\u0041", " ", "ab"];

const LENGTHS: &[usize] = &[33, 65, 129, 257, 1025, 4097, 70_000];

const NUMBERS: &[&str] = &[
    "0",
    "-0",
    "1",
    "-1",
    "1.0",
    "1e2",
    "1E-400",
    "1e400",
    "-1e400",
    "2147483648",
    "9007199254740993",
    "9223372036854775808",
    "123456789012345678901234567890",
    "0.1000000000000000055511151231257827",
    "3.0000000000000001",
];

/// How many long texts a body has at most.
const MOST_LONG: usize = 2;

const INTEGERS: &[&str] = &["0", "-1", "2147483647", "2147483648", "9007199254740993", "9223372036854775808"];
