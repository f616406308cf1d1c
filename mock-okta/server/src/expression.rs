//! The `filter` and `search` expressions of Okta's list endpoints: SCIM's operators over dotted paths of any depth. What
//! they are applied to is the JSON that the endpoint returns.

use jiff::Timestamp;
use serde_json::Value;

use crate::error::{ApiError, Code};

/// A condition on a resource.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expression {
    And(Box<Expression>, Box<Expression>),
    Or(Box<Expression>, Box<Expression>),
    Not(Box<Expression>),
    Present(String),
    Compare(String, Operator, Value),
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Eq,
    Ne,
    Co,
    Sw,
    Ew,
    Gt,
    Ge,
    Lt,
    Le,
}

impl Expression {
    /// Reads an expression; E0000031 if it is none.
    pub(crate) fn parse(text: &str) -> Result<Expression, ApiError> {
        let mut parser = Parser { tokens: tokens(text).map_err(invalid)?, at: 0, depth: 0 };
        let expression = parser.either().map_err(invalid)?;
        match parser.peek() {
            None => Ok(expression),
            Some(token) => Err(invalid(format!("{token:?} is one too many"))),
        }
    }

    /// Whether a resource meets the condition. Text is compared without regard to case, moments as moments. Of several
    /// values one is enough.
    pub(crate) fn matches(&self, resource: &Value) -> bool {
        match self {
            Expression::And(one, other) => one.matches(resource) && other.matches(resource),
            Expression::Or(one, other) => one.matches(resource) || other.matches(resource),
            Expression::Not(inner) => !inner.matches(resource),
            Expression::Present(path) => values(resource, path).iter().any(|value| !value.is_null()),
            Expression::Compare(path, Operator::Ne, wanted) => {
                !values(resource, path).iter().any(|value| compare(value, Operator::Eq, wanted))
            }
            Expression::Compare(path, operator, wanted) => {
                values(resource, path).iter().any(|value| compare(value, *operator, wanted))
            }
        }
    }
}

fn invalid(cause: impl Into<String>) -> ApiError {
    ApiError::of(Code::InvalidSearch).because(cause)
}

/// Returns everything a path leads to; arrays are gone through.
fn values<'a>(resource: &'a Value, path: &str) -> Vec<&'a Value> {
    path.split('.').fold(vec![resource], |found, key| {
        let inner = found.into_iter().filter_map(|value| value.get(key));
        inner.flat_map(|value| value.as_array().map_or(vec![value], |items| items.iter().collect())).collect()
    })
}

fn compare(value: &Value, operator: Operator, wanted: &Value) -> bool {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let ordering = match (value, wanted) {
        (Value::String(value), Value::String(wanted)) => {
            let (value, wanted) = (value.to_lowercase(), wanted.to_lowercase());
            match operator {
                Operator::Co => return value.contains(&wanted),
                Operator::Sw => return value.starts_with(&wanted),
                Operator::Ew => return value.ends_with(&wanted),
                _ => match (value.to_uppercase().parse::<Timestamp>(), wanted.to_uppercase().parse::<Timestamp>()) {
                    (Ok(value), Ok(wanted)) => Some(value.cmp(&wanted)),
                    _ => Some(value.cmp(&wanted)),
                },
            }
        }
        (Value::Number(value), Value::Number(wanted)) => {
            value.as_f64().and_then(|value| value.partial_cmp(&wanted.as_f64()?))
        }
        (Value::Bool(value), Value::Bool(wanted)) => Some(value.cmp(wanted)),
        (Value::Null, Value::Null) => Some(Equal),
        _ => None,
    };
    match operator {
        Operator::Eq => ordering == Some(Equal),
        Operator::Gt => ordering == Some(Greater),
        Operator::Ge => matches!(ordering, Some(Greater | Equal)),
        Operator::Lt => ordering == Some(Less),
        Operator::Le => matches!(ordering, Some(Less | Equal)),
        Operator::Ne | Operator::Co | Operator::Sw | Operator::Ew => false,
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Open,
    Close,
    Word(String),
    Text(String),
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    if text.len() > LONGEST {
        return Err(format!("an expression has at most {LONGEST} bytes"));
    }
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            '"' => {
                let mut values = serde_json::Deserializer::from_str(rest).into_iter::<String>();
                let value = values.next().and_then(Result::ok).ok_or("a text is not closed")?;
                (Token::Text(value), values.byte_offset())
            }
            _ => {
                let end = rest.find(|letter: char| letter.is_whitespace() || "()\"".contains(letter));
                let end = end.unwrap_or(rest.len());
                (Token::Word(rest[..end].to_owned()), end)
            }
        };
        tokens.push(token);
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn take(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let is_it = matches!(self.peek(), Some(Token::Word(known)) if known.eq_ignore_ascii_case(word));
        self.at += usize::from(is_it);
        is_it
    }

    fn either(&mut self) -> Result<Expression, String> {
        let mut expression = self.both()?;
        while self.takes_word("or") {
            expression = Expression::Or(Box::new(expression), Box::new(self.both()?));
        }
        Ok(expression)
    }

    fn both(&mut self) -> Result<Expression, String> {
        let mut expression = self.one()?;
        while self.takes_word("and") {
            expression = Expression::And(Box::new(expression), Box::new(self.one()?));
        }
        Ok(expression)
    }

    fn one(&mut self) -> Result<Expression, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("the expression is nested too deeply".to_owned());
        }
        let expression = if self.takes_word("not") {
            Ok(Expression::Not(Box::new(self.one()?)))
        } else if self.peek() == Some(&Token::Open) {
            self.at += 1;
            let inner = self.either()?;
            match self.take() {
                Some(Token::Close) => Ok(inner),
                _ => Err("a parenthesis is not closed".to_owned()),
            }
        } else {
            self.comparison()
        };
        self.depth -= 1;
        expression
    }

    fn comparison(&mut self) -> Result<Expression, String> {
        let Some(Token::Word(path)) = self.take() else { return Err("an attribute is missing".to_owned()) };
        let Some(Token::Word(operator)) = self.take() else {
            return Err(format!("an operator is missing after {path}"));
        };
        let operator = match operator.to_ascii_lowercase().as_str() {
            "pr" => return Ok(Expression::Present(path)),
            "eq" => Operator::Eq,
            "ne" => Operator::Ne,
            "co" => Operator::Co,
            "sw" => Operator::Sw,
            "ew" => Operator::Ew,
            "gt" => Operator::Gt,
            "ge" => Operator::Ge,
            "lt" => Operator::Lt,
            "le" => Operator::Le,
            other => return Err(format!("{other} is no operator")),
        };
        let value = match self.take() {
            Some(Token::Text(text)) => Value::from(text),
            Some(Token::Word(word)) => literal(&word)?,
            _ => return Err(format!("a value is missing after {path}")),
        };
        Ok(Expression::Compare(path, operator, value))
    }
}

/// Reads what stands without quotes: JSON's words and numbers.
fn literal(word: &str) -> Result<Value, String> {
    match serde_json::from_str(word) {
        Ok(value @ (Value::Bool(_) | Value::Number(_) | Value::Null)) => Ok(value),
        _ => Err(format!("{word} is no value; texts stand in quotes")),
    }
}

const LONGEST: usize = 8192;
const DEEPEST: usize = 64;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn expressions_select_as_okta_documents_them() {
        let event = json!({
            "eventType": "user.lifecycle.create", "published": "2026-01-05T09:00:00.000Z",
            "target": [{ "id": "00u1", "type": "User" }, { "id": "0oa1", "type": "AppInstance" }],
            "outcome": { "result": "SUCCESS", "reason": null }, "n": 3, "on": true });
        for (text, expected) in [
            (r#"eventType eq "user.lifecycle.create""#, true),
            (r#"eventType EQ "USER.lifecycle.create""#, true),
            (r#"eventType eq "x" or target.id eq "0oa1""#, true),
            (r#"eventType sw "user." and not (outcome.result eq "FAILURE")"#, true),
            (r#"target.id ne "0oa1""#, false),
            (r#"published gt "2026-01-05T10:00:00+02:00""#, true),
            (r#"published lt "2026-01-05T09:00:00Z""#, false),
            (r#"published ge "2026-01-05T09:00:00Z" and n gt 2 and on eq true"#, true),
            ("outcome.reason pr", false),
            ("outcome.result pr", true),
            (r#"n eq "3""#, false),
            (r#"a.b.c.d eq "x""#, false),
        ] {
            assert_eq!(Expression::parse(text).unwrap().matches(&event), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_expression_is_an_invalid_search() {
        let deep = "(".repeat(100_000);
        let nots = "not ".repeat(2000);
        for text in
            ["", "a", "a eq", "a xx \"b\"", "a eq b", "(a pr", "a pr)", "a eq \"b", "a pr b pr", "and", &deep, &nots]
        {
            assert_eq!(Expression::parse(text).map_err(|error| error.status()), Err(400), "{text:.20}");
        }
    }
}
