//! Reads conditions: `or` binds least, then `and`, then `not`, then one of `==`, `!=`, `in`, `contains`.

use serde_json::Value;

use super::condition::{Expression, Operand, Operator};
use super::path::Path;

/// Reads a condition.
pub(super) fn parse(source: &str) -> Result<Expression, String> {
    if source.len() > LONGEST {
        return Err(format!("a condition has at most {LONGEST} bytes"));
    }
    let mut parser = Parser { tokens: tokens(source)?, at: 0, depth: 0 };
    let expression = parser.either()?;
    match parser.peek() {
        None => Ok(expression),
        Some(token) => Err(format!("{} is one too many; conditions are joined by and, or", token.text())),
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    /// `(`, `)`, `[`, `]`, `,`, `==`, `!=`.
    Sign(&'static str),
    /// A path or a word of the language.
    Word(String),
    Value(Value),
}

impl Token {
    fn text(&self) -> String {
        match self {
            Token::Sign(sign) => (*sign).to_owned(),
            Token::Word(word) => word.clone(),
            Token::Value(value) => value.to_string(),
        }
    }
}

fn tokens(source: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = source.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            Some(sign) => (Token::Sign(sign), sign.len()),
            None if first == '"' => double_quoted(rest)?,
            None if first == '\'' => single_quoted(rest)?,
            None => word(rest)?,
        };
        tokens.push(token);
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

/// A text as JSON has it.
fn double_quoted(rest: &str) -> Result<(Token, usize), String> {
    let mut values = serde_json::Deserializer::from_str(rest).into_iter::<String>();
    let value = values.next().and_then(Result::ok).ok_or("a text that begins with \" is not closed or not JSON")?;
    Ok((Token::Value(Value::String(value)), values.byte_offset()))
}

/// A text without escapes.
fn single_quoted(rest: &str) -> Result<(Token, usize), String> {
    let length = rest[1..].find('\'').ok_or("a text that begins with ' is not closed")?;
    Ok((Token::Value(Value::from(&rest[1..=length])), length + 2))
}

fn word(rest: &str) -> Result<(Token, usize), String> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || "_-.+".contains(letter);
    let length = rest.find(|letter: char| !is_part(letter)).unwrap_or(rest.len());
    let word = &rest[..length];
    let token = match word {
        "" => {
            let letter = rest.chars().next().unwrap_or_default();
            let remedy = if "=!&|<>~".contains(letter) { "; there are ==, !=, in, contains, and, or, not" } else { "" };
            return Err(format!("{letter:?} cannot stand here{remedy}"));
        }
        _ => match serde_json::from_str(word) {
            Ok(value @ (Value::Bool(_) | Value::Null | Value::Number(_))) => Token::Value(value),
            _ => Token::Word(word.to_owned()),
        },
    };
    Ok((token, length))
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

    fn takes(&mut self, text: &str) -> bool {
        let is_it = match self.peek() {
            Some(Token::Sign(sign)) => *sign == text,
            Some(Token::Word(word)) => word == text,
            _ => false,
        };
        self.at += usize::from(is_it);
        is_it
    }

    fn either(&mut self) -> Result<Expression, String> {
        let mut parts = vec![self.both()?];
        while self.takes("or") {
            parts.push(self.both()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::Or(parts) })
    }

    fn both(&mut self) -> Result<Expression, String> {
        let mut parts = vec![self.one()?];
        while self.takes("and") {
            parts.push(self.one()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::And(parts) })
    }

    fn one(&mut self) -> Result<Expression, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("the condition is nested too deeply".to_owned());
        }
        let expression = if self.takes("not") {
            Expression::Not(Box::new(self.one()?))
        } else if self.takes("(") {
            let inner = self.either()?;
            if !self.takes(")") {
                return Err("a parenthesis is not closed".to_owned());
            }
            inner
        } else {
            self.comparison()?
        };
        self.depth -= 1;
        Ok(expression)
    }

    fn comparison(&mut self) -> Result<Expression, String> {
        let left = self.operand()?;
        let operators = [
            ("==", Operator::Equal),
            ("!=", Operator::Unequal),
            ("in", Operator::In),
            ("contains", Operator::Contains),
        ];
        match operators.into_iter().find(|(text, _)| self.takes(text)) {
            Some((_, operator)) => Ok(Expression::Compare(left, operator, self.operand()?)),
            None => Ok(Expression::Is(left)),
        }
    }

    fn operand(&mut self) -> Result<Operand, String> {
        if self.takes("[") {
            return self.list().map(Operand::Value);
        }
        let Some(token) = self.peek().cloned() else {
            return Err("the condition ends where a path or a value should stand".to_owned());
        };
        self.at += 1;
        match token {
            Token::Value(value) => Ok(Operand::Value(value)),
            Token::Word(word) if WORDS.contains(&word.as_str()) => {
                Err(format!("{word:?} stands where a path or a value should"))
            }
            Token::Word(word) if !word.contains('.') => {
                Err(format!("{word:?} is neither a path nor a value; texts stand in quotes"))
            }
            Token::Word(word) => Path::parse(&word).map(Operand::Path),
            Token::Sign(sign) => Err(format!("{sign:?} stands where a path or a value should")),
        }
    }

    fn list(&mut self) -> Result<Value, String> {
        let mut items = Vec::new();
        while !self.takes("]") {
            if !items.is_empty() && !self.takes(",") {
                return Err("the items of a list are parted by commas, and ] ends it".to_owned());
            }
            match self.peek() {
                Some(Token::Value(value)) => items.push(value.clone()),
                _ => return Err("a list holds texts, numbers, true, false and null".to_owned()),
            }
            self.at += 1;
        }
        Ok(Value::Array(items))
    }
}

const SIGNS: [&str; 7] = ["==", "!=", "(", ")", "[", "]", ","];
const WORDS: [&str; 5] = ["and", "or", "not", "in", "contains"];
const LONGEST: usize = 4096;
const DEEPEST: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_condition_is_refused_with_the_cause() {
        let deep = "(".repeat(2000);
        let nots = "not ".repeat(500);
        let long = "a".repeat(5000);
        for (text, part) in [
            ("", "ends where"),
            ("user.id ==", "ends where"),
            ("user.id = 'x'", "there are =="),
            ("user.id && user.status", "there are =="),
            ("user.id == x", "texts stand in quotes"),
            ("user.id == \"x", "not closed"),
            ("user.id == 'x", "not closed"),
            ("(user.id", "parenthesis"),
            ("user.id)", "one too many"),
            ("user.id user.status", "one too many"),
            ("user.id in ['a' 'b']", "commas"),
            ("user.id in ['a',", "a list holds"),
            ("user.id in [user.status]", "a list holds"),
            ("and", "stands where"),
            ("usr.id == 'x'", "did you mean user"),
            ("user.id § 'x'", "cannot stand here"),
            (&deep, "too deeply"),
            (&nots, "too deeply"),
            (&long, "at most"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(part), "{text:.40}: {error}");
        }
    }
}
