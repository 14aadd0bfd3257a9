mod around;
mod creating;
mod refusing;
mod writing;

use serde_json::json;

use super::{super::seed, *};

struct Answer {
    status: u16,
    headers: http::HeaderMap,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    fn state(&self) -> String {
        self.json()["properties"]["provisioningState"].as_str().unwrap().to_owned()
    }

    fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap().to_owned()
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// A service with its clock: each request comes a second later.
struct World {
    service: Service,
    now: Timestamp,
}

fn world(options: Options) -> World {
    World { service: Service::new(options), now: "2017-06-08T10:11:12.120Z".parse().unwrap() }
}

fn options() -> Options {
    Options { seed: 1, ..Options::default() }
}

fn profile() -> String {
    format!("{}?api-version=2017-04-26", seed::resource_id(seed::PROFILE))
}

impl World {
    fn send(&mut self, method: &str, uri: &str, headers: &[(&'static str, &str)], body: &str) -> Answer {
        let mut request = Request::builder().method(method).uri(uri).body(Bytes::from(body.to_owned())).unwrap();
        if !body.is_empty() {
            request.headers_mut().insert("content-type", "application/json; charset=utf-8".parse().unwrap());
        }
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let response = self.service.answer(&request, self.now);
        self.now += jiff::SignedDuration::from_secs(1);
        let (head, body) = response.into_parts();
        Answer { status: head.status.as_u16(), headers: head.headers, text: String::from_utf8(body.into()).unwrap() }
    }

    fn get(&mut self, uri: &str) -> Answer {
        self.send("GET", uri, &[], "")
    }

    fn put(&mut self, body: &str) -> Answer {
        self.send("PUT", &profile(), &[], body)
    }

    fn create(&mut self) -> String {
        let answer = self.put(&seed::profile_body(seed::PROFILE));
        assert_eq!(answer.status, 202);
        answer.header("location").unwrap().to_owned()
    }

    fn created(&mut self) {
        let location = self.create();
        while self.get(&location).status == 202 {}
    }
}

/// JSON with what holds no other containers on a line of its own.
fn brief(value: &Value) -> String {
    fn write(value: &Value, indent: &str) -> String {
        let deeper = format!("{indent}  ");
        let holds = |value: &Value| {
            value.as_object().is_some_and(|members| !members.is_empty())
                || value.as_array().is_some_and(|items| !items.is_empty())
        };
        match value {
            Value::Object(members) if members.values().any(holds) => {
                let lines = members.iter().map(|(name, value)| format!("{deeper}{name:?}: {}", write(value, &deeper)));
                format!("{{\n{}\n{indent}}}", lines.collect::<Vec<_>>().join(",\n"))
            }
            Value::Array(items) if items.iter().any(holds) => {
                let lines = items.iter().map(|value| format!("{deeper}{}", write(value, &deeper)));
                format!("[\n{}\n{indent}]", lines.collect::<Vec<_>>().join(",\n"))
            }
            _ => value.to_string(),
        }
    }
    write(value, "")
}
