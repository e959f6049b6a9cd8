use crate::ClusterError;
use std::fmt;
use std::str::FromStr;
use url::Url;

/// Where a scheduler is: `df://HOST:PORT`, or `HOST:PORT`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// A name or an IP address; an IPv6 address stands in brackets.
    pub host: String,
    /// The port of the scheduler.
    pub port: u16,
}

impl Address {
    /// `HOST:PORT`.
    pub fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "df://{}:{}", self.host, self.port)
    }
}

impl FromStr for Address {
    type Err = ClusterError;

    fn from_str(text: &str) -> Result<Self, ClusterError> {
        let refused = || ClusterError::Address { found: text.to_owned() };
        let with_scheme = match text.contains("://") {
            true => text.to_owned(),
            false => format!("df://{text}"),
        };
        let url = Url::parse(&with_scheme).map_err(|_| refused())?;
        let plain = matches!(url.path(), "" | "/")
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        match (url.scheme(), url.host_str(), url.port()) {
            ("df", Some(host), Some(port)) if plain && port != 0 && !host.is_empty() => {
                Ok(Self { host: host.to_owned(), port })
            }
            _ => Err(refused()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_with_and_without_a_scheme() {
        for (text, shown) in [
            ("df://scheduler:50050", "df://scheduler:50050"),
            ("df://scheduler:50050/", "df://scheduler:50050"),
            ("127.0.0.1:50050", "df://127.0.0.1:50050"),
            ("[::1]:50050", "df://[::1]:50050"),
        ] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), shown);
        }
    }

    #[test]
    fn what_is_no_address() {
        for text in [
            "",
            "scheduler",
            "df://scheduler",
            "http://scheduler:1",
            "df://scheduler:0",
            "df://scheduler:70000",
            "df://scheduler:1/path",
            "df://me:word@scheduler:1",
            "df://:1",
        ] {
            let error = text.parse::<Address>().unwrap_err().to_string();
            assert!(error.contains("expected df://HOST:PORT"), "{text}: {error}");
        }
    }
}
