//! What is generated from definitions: schemas, completions, manual pages.

use std::fs;

use clap::{CommandFactory, ValueEnum};

use super::{Failure, Outcome, output};
use crate::cli::{Cli, Completions, Man, SchemaArgs, SchemaName};
use crate::exit::Exit;
use crate::{attestation, check, collect, config, framework, gate, model, report, waiver};

impl SchemaName {
    /// The JSON Schema of the format.
    pub fn schema(self) -> serde_json::Value {
        match self {
            Self::Check => check::schema(),
            Self::Config => config::schema(),
            Self::Framework => framework::schema(),
            Self::Overlay => framework::overlay_schema(),
            Self::Records => attestation::schema(),
            Self::Waivers => waiver::schema(),
            Self::Inventory => model::schema::resource_schema(),
            Self::Dump => collect::aws_json::manifest_schema(),
            Self::Report => report::json::schema(),
            Self::Network => report::network::schema(),
            Self::IamPaths => report::iam::paths::schema(),
            Self::IamUnused => report::iam::usage::unused_schema(),
            Self::IamReduce => report::iam::usage::reduced_schema(),
            Self::Gate => report::gate::json::schema(),
            Self::Baseline => gate::baseline::schema(),
        }
    }
}

pub(super) fn schema(args: &SchemaArgs) -> Outcome {
    let Some(format) = args.format else {
        let mut text = String::from("Formats with a JSON Schema (`portcullis schema FORMAT`):\n");
        for name in SchemaName::value_variants() {
            if let Some(value) = name.to_possible_value() {
                let help = value.get_help().map(ToString::to_string).unwrap_or_default();
                text.push_str(&format!("  {:<10} {help}\n", value.get_name()));
            }
        }
        output::print(&text)?;
        return Ok(Exit::Holds);
    };
    let text = serde_json::to_string_pretty(&format.schema()).map_err(Failure::new)?;
    output::print_raw(format!("{text}\n").as_bytes())?;
    Ok(Exit::Holds)
}

pub(super) fn completions(args: &Completions) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "portcullis", &mut script);
    output::print_raw(&script)?;
    Ok(Exit::Holds)
}

pub(super) fn man(args: &Man) -> Outcome {
    let Some(dir) = &args.out else {
        let mut page = Vec::new();
        clap_mangen::Man::new(Cli::command()).render(&mut page).map_err(Failure::new)?;
        output::print_raw(&page)?;
        return Ok(Exit::Holds);
    };
    fs::create_dir_all(dir)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), dir))
        .map_err(|error| Failure::new(format!("{}: {error}", dir.display())))?;
    output::note(&format!("wrote the manual pages to {}", dir.display()));
    Ok(Exit::Holds)
}
