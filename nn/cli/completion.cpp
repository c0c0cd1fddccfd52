#include <iostream>
#include <memory>

#include <gradus/nn/cli/choices.hpp>
#include <gradus/nn/cli/commands.hpp>

namespace gradus::cli {
namespace {

/// "-o", "--output".
std::vector<std::string> flags_of(const CLI::Option& option) {
  std::vector<std::string> flags;
  for (const std::string& name : option.get_snames()) flags.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) flags.push_back("--" + name);
  return flags;
}

/// What a flag can be set to, where there is a list: CLI11 shows it as "TEXT:{a,b}".
std::vector<std::string> choices_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const std::size_t open = type.find('{'), close = type.find('}');
  if (open == std::string::npos || close == std::string::npos || close < open) return {};
  return CLI::detail::split(type.substr(open + 1, close - open - 1), ',');
}

std::string with_blanks(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::vector<const CLI::App*> commands_of(const CLI::App& app) { return app.get_subcommands({}); }

std::string bash_case(const CLI::App& command) {
  std::string flags, cases;
  for (const CLI::Option* option : command.get_options()) {
    const std::vector<std::string> own = flags_of(*option);
    if (own.empty()) continue;
    flags += (flags.empty() ? "" : " ") + with_blanks(own);
    const std::vector<std::string> choices = choices_of(*option);
    for (const std::string& flag : own)
      if (!choices.empty())
        cases += "        " + flag + ") COMPREPLY=($(compgen -W '" + with_blanks(choices) +
                 "' -- \"$word\")); return ;;\n";
  }
  return "    " + command.get_name() + ")\n      case $before in\n" + cases + "      esac\n      flags='" +
         flags + "' ;;\n";
}

std::string bash_script(const CLI::App& app) {
  std::vector<std::string> names;
  std::string cases;
  for (const CLI::App* command : commands_of(app)) {
    names.push_back(command->get_name());
    cases += bash_case(*command);
  }
  return "_gradus() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} flags=\n"
         "  if ((COMP_CWORD == 1)); then\n"
         "    COMPREPLY=($(compgen -W '" +
         with_blanks(names) +
         " --help --version' -- \"$word\"))\n"
         "    return\n"
         "  fi\n"
         "  case ${COMP_WORDS[1]} in\n" +
         cases +
         "  esac\n"
         "  if [[ $word == -* ]]; then\n"
         "    COMPREPLY=($(compgen -W \"$flags\" -- \"$word\"))\n"
         "  else\n"
         "    COMPREPLY=($(compgen -f -- \"$word\"))\n"
         "  fi\n"
         "}\n"
         "complete -o filenames -F _gradus gradus\n";
}

std::string zsh_script(const CLI::App& app) {
  return "autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n" +
         bash_script(app);
}

std::string fish_quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return quoted + "'";
}

std::string fish_line(const CLI::App& command, const CLI::Option& option) {
  std::string line = "complete -c gradus -n '__fish_seen_subcommand_from " + command.get_name() + "'";
  for (const std::string& name : option.get_snames()) line += " -s " + name;
  for (const std::string& name : option.get_lnames()) line += " -l " + name;
  if (option.get_expected_max() != 0) line += " -r";
  if (const auto choices = choices_of(option); !choices.empty())
    line += " -f -a " + fish_quoted(with_blanks(choices));
  return line + " -d " + fish_quoted(option.get_description()) + "\n";
}

std::string fish_script(const CLI::App& app) {
  std::string script;
  for (const CLI::App* command : commands_of(app)) {
    script += "complete -c gradus -n __fish_use_subcommand -f -a " + command->get_name() + " -d " +
              fish_quoted(command->get_description()) + "\n";
    for (const CLI::Option* option : command->get_options())
      if (!flags_of(*option).empty()) script += fish_line(*command, *option);
  }
  return script;
}

struct ShellRow {
  std::string name;
  std::string (*script)(const CLI::App&);
};

const std::vector<ShellRow>& shells() {
  static const std::vector<ShellRow> rows{{"bash", bash_script}, {"zsh", zsh_script}, {"fish", fish_script}};
  return rows;
}

}  // namespace

Command completion_command() {
  return {"completion", "Print a script that lets a shell complete commands, flags and their choices",
          "Examples:\n"
          "  source <(gradus completion bash)\n"
          "  gradus completion fish >~/.config/fish/completions/gradus.fish",
          [](CLI::App& app) {
            const auto shell = std::make_shared<std::string>();
            app.add_option("shell", *shell)->required()->check(CLI::IsMember(names_of(shells())));
            return [&app, shell] {
              std::cout << row_named("shell", shells(), *shell).script(*app.get_parent());
              return fine;
            };
          }};
}

}  // namespace gradus::cli
