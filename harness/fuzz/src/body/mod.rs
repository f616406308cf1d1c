//! Resources for POST and PUT that no form would produce.
//!
//! Whatever is sent, a server must not break down; what it accepts it must keep, and what it refuses must leave no trace.
//! Whether it accepts is judged only where the RFCs leave no choice.

mod generate;
mod judge;
mod node;
mod shape;

pub use judge::{
    Difference, altered, flawed_error, has_name, is_malformed, member, mistyped, trait_of_text, worth_comparing,
};
pub use node::{Node, Piece};
pub use shape::{Attribute, Kind, Shape, Type};

use crate::Inputs;
use proptest::strategy::BoxedStrategy;

/// One request.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Draft {
    /// How it is sent.
    pub verb: Verb,
    /// To which collection.
    pub kind: Kind,
    /// The media type, by its place in [`MEDIA_TYPES`].
    pub media: usize,
    /// What is done to the text of the body afterwards.
    pub mangling: Option<Mangling>,
    /// The resource.
    pub body: Node,
}

/// How a body is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verb {
    /// It is to be created.
    Post,
    /// It is to replace a plain resource.
    Put,
}

/// How a text stops to be JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mangling {
    /// The last character is missing.
    Cut,
    /// There is a comma before the last bracket.
    Comma,
    /// Strings have single quotation marks.
    Quotes,
    /// Something follows.
    Tail,
    /// One byte is no UTF-8.
    Byte,
    /// There is nothing at all.
    Empty,
}

impl Mangling {
    /// All of them.
    pub const ALL: [Mangling; 6] =
        [Mangling::Cut, Mangling::Comma, Mangling::Quotes, Mangling::Tail, Mangling::Byte, Mangling::Empty];

    fn name(self) -> &'static str {
        match self {
            Mangling::Cut => "cut",
            Mangling::Comma => "comma",
            Mangling::Quotes => "quotes",
            Mangling::Tail => "tail",
            Mangling::Byte => "byte",
            Mangling::Empty => "empty",
        }
    }

    fn apply(self, text: String) -> Vec<u8> {
        match self {
            Mangling::Cut => text[..text.len() - 1].into(),
            Mangling::Comma => format!("{},}}", &text[..text.len() - 1]).into(),
            Mangling::Quotes => text.replace('"', "'").into(),
            Mangling::Tail => format!("{text}x").into(),
            // The closing bracket is behind the last string, which the byte must be in.
            Mangling::Byte => {
                let mut bytes = text.into_bytes();
                let place = bytes.iter().rposition(|byte| *byte == b'"').unwrap_or_default();
                bytes.insert(place, 0xff);
                bytes
            }
            Mangling::Empty => Vec::new(),
        }
    }
}

impl Draft {
    /// Reads what [`Inputs::print`] has written, or a person.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the text.
    pub fn parse(text: &str) -> Result<Draft, String> {
        let text = text.trim();
        let (verb, rest) = text.split_once(' ').ok_or("a method, an endpoint and a body are expected")?;
        let verb = match verb {
            "POST" => Verb::Post,
            "PUT" => Verb::Put,
            other => return Err(format!("`{other}` is neither POST nor PUT")),
        };
        let (endpoint, rest) = rest.trim_start().split_once(' ').ok_or("an endpoint and a body are expected")?;
        let kind = [Kind::User, Kind::Group].into_iter().find(|kind| kind.endpoint() == endpoint);
        let kind = kind.ok_or_else(|| format!("`{endpoint}` is neither /Users nor /Groups"))?;
        let mut rest = rest.trim_start();
        let mut media = 0;
        if let Some(inside) = rest.strip_prefix('[') {
            let (name, left) = inside.split_once(']').ok_or("the media type has no `]`")?;
            media = MEDIA_TYPES
                .iter()
                .position(|known| *known == name)
                .ok_or_else(|| format!("`{name}` is no media type that is tried"))?;
            rest = left.trim_start();
        }
        let mut mangling = None;
        if let Some(inside) = rest.strip_prefix("mangled-") {
            let (word, left) = inside.split_once(' ').ok_or("a body is expected")?;
            let found = Mangling::ALL.into_iter().find(|known| known.name() == word);
            mangling = Some(found.ok_or_else(|| format!("`mangled-{word}` is not known"))?);
            rest = left;
        }
        let draft = Draft { verb, kind, media, mangling, body: Node::parse(rest)? };
        match draft.can_be_found_again() {
            true => Ok(draft),
            false => Err(format!("{} has to hold $mark, by which what is created can be found again", kind.naming())),
        }
    }

    /// Returns what is sent, with the unique name of the resource.
    pub fn bytes(&self, mark: &str) -> Vec<u8> {
        let text = self.body.to_json(mark);
        match self.mangling {
            Some(mangling) => mangling.apply(text),
            None => text.into_bytes(),
        }
    }

    /// Returns the media type it is sent with.
    pub fn media_type(&self) -> &'static str {
        MEDIA_TYPES[self.media]
    }

    /// Tells whether nothing can come of it under a name that is not ours: the name bears the mark, or there is none.
    pub fn can_be_found_again(&self) -> bool {
        let is_ours = |name: &Node| match name {
            Node::Text(pieces) => pieces.contains(&Piece::Mark),
            Node::Word(word) => word == "null",
            Node::List(elements) => elements.is_empty(),
            Node::Object(_) | Node::Deep(_) => false,
        };
        self.body.members(self.kind.naming()).all(is_ours)
    }

    /// Returns the name the resource is to have, if there is one that every reader understands alike.
    pub fn name(&self, mark: &str) -> Option<String> {
        let mut names = self.body.members(self.kind.naming());
        let (name, others) = (names.next()?, names.next());
        name.value(mark)?.as_str().filter(|_| others.is_none()).map(str::to_owned)
    }
}

/// The bodies for a server whose resources look like this.
#[derive(Debug, Clone)]
pub struct Bodies {
    shapes: Vec<Shape>,
    verbs: Vec<Verb>,
}

impl Bodies {
    /// Returns the bodies for these kinds of resources, of which there has to be one, sent in these ways.
    pub fn new(shapes: Vec<Shape>, verbs: Vec<Verb>) -> Bodies {
        assert!(!shapes.is_empty() && !verbs.is_empty(), "there is something to send");
        Bodies { shapes, verbs }
    }

    /// Returns what resources of a kind look like.
    pub fn shape(&self, kind: Kind) -> Option<&Shape> {
        self.shapes.iter().find(|shape| shape.kind == kind)
    }

    /// Tells whether the server takes PUT.
    pub fn puts(&self) -> bool {
        self.verbs.contains(&Verb::Put)
    }

    /// Returns a resource that nothing is wrong with.
    pub fn plain(&self, kind: Kind) -> Option<Node> {
        self.shape(kind).map(|shape| Node::Object(generate::plain(shape)))
    }
}

impl Inputs for Bodies {
    type Input = Draft;

    fn strategy(&self) -> BoxedStrategy<Draft> {
        generate::drafts(self.shapes.clone(), self.verbs.clone())
    }

    fn simpler(&self, draft: &Draft) -> Vec<Draft> {
        let mut simpler = Vec::new();
        if draft.media != 0 {
            simpler.push(Draft { media: 0, ..draft.clone() });
        }
        if draft.mangling.is_some() {
            simpler.push(Draft { mangling: None, ..draft.clone() });
        }
        if draft.verb == Verb::Put {
            simpler.push(Draft { verb: Verb::Post, ..draft.clone() });
        }
        if let Some(plain) = self.plain(draft.kind) {
            for name in ["schemas", draft.kind.naming()] {
                let usual = plain.members(name).next().cloned();
                simpler.extend(
                    usual
                        .and_then(|usual| with_member(&draft.body, name, usual))
                        .map(|body| Draft { body, ..draft.clone() }),
                );
            }
        }
        simpler.extend(draft.body.simpler().into_iter().map(|body| Draft { body, ..draft.clone() }));
        simpler.retain(|one| one.can_be_found_again() && self.size(one) < self.size(draft));
        simpler
    }

    fn size(&self, draft: &Draft) -> usize {
        let plain = self.plain(draft.kind).unwrap_or(Node::Object(Vec::new()));
        // What every resource has is no burden, and leaving it out is no simplification.
        let members = match &draft.body {
            Node::Object(members) => members.as_slice(),
            _ => &[],
        };
        let is_usual = |(name, node): &(String, Node)| plain.members(name).next() == Some(node);
        let lacking =
            ["schemas", draft.kind.naming()].into_iter().filter(|name| draft.body.members(name).next().is_none());
        let rest = members.iter().filter(|member| !is_usual(member));
        100 * lacking.count()
            + rest.map(|(name, node)| 100 + name.len() + node.size()).sum::<usize>()
            + if draft.media == 0 { 0 } else { 50 }
            + if draft.mangling.is_some() { 50 } else { 0 }
            + if draft.verb == Verb::Put { 20 } else { 0 }
    }

    fn print(&self, draft: &Draft) -> String {
        let verb = if draft.verb == Verb::Post { "POST" } else { "PUT" };
        let media = if draft.media == 0 { String::new() } else { format!(" [{}]", draft.media_type()) };
        let mangling = draft.mangling.map(|mangling| format!(" mangled-{}", mangling.name())).unwrap_or_default();
        format!("{verb} {}{media}{mangling} {}", draft.kind.endpoint(), draft.body.print())
    }

    fn parse(&self, text: &str) -> Result<Draft, String> {
        Draft::parse(text)
    }
}

/// Puts a member in the place of the one of its name, unless it is that already; an object that lacks it gets it in front.
fn with_member(body: &Node, name: &str, value: Node) -> Option<Node> {
    let Node::Object(members) = body else { return None };
    let mut members = members.clone();
    match members.iter().position(|(known, _)| known == name) {
        Some(at) => members[at].1 = value,
        None => members.insert(0, (name.to_owned(), value)),
    }
    Some(Node::Object(members)).filter(|changed| changed != body)
}

/// The media types that bodies are sent with; the first is the right one.
pub const MEDIA_TYPES: [&str; 6] = [
    "application/scim+json",
    "application/json",
    "text/plain",
    "application/xml",
    "application/scim+json; charset=utf-16",
    "nonsense",
];

#[cfg(test)]
mod tests;
