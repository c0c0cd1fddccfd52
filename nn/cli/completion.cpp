#include <iostream>
#include <memory>

#include <gradus/nn/cli/choices.hpp>
#include <gradus/nn/cli/commands.hpp>
#include <gradus/nn/cli/shell_word.hpp>

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

/// What can stand in a place of its own, without a flag, where there is a list; otherwise it is a file.
std::vector<std::string> placed_choices_of(const CLI::App& command) {
  for (const CLI::Option* option : command.get_options())
    if (flags_of(*option).empty() && !choices_of(*option).empty()) return choices_of(*option);
  return {};
}

std::vector<std::string> flags_of(const CLI::App& app) {
  std::vector<std::string> flags;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& flag : flags_of(*option)) flags.push_back(flag);
  return flags;
}

/// With a backslash in front of each of those characters.
std::string escaped(const std::string& text, const std::string& special) {
  std::string result;
  for (const char c : text) {
    if (special.find(c) != std::string::npos) result += '\\';
    result += c;
  }
  return result;
}

std::string bash_case(const CLI::App& command) {
  std::string cases;
  for (const CLI::Option* option : command.get_options()) {
    const std::vector<std::string> choices = choices_of(*option);
    if (choices.empty()) continue;
    for (const std::string& flag : flags_of(*option))
      cases += "        " + flag + ") COMPREPLY=($(compgen -W '" + with_blanks(choices) +
               "' -- \"$word\")); return ;;\n";
  }
  return "    " + command.get_name() + ")\n      case $before in\n" + cases + "      esac\n      flags='" +
         with_blanks(flags_of(command)) + "' places='" + with_blanks(placed_choices_of(command)) + "' ;;\n";
}

std::string bash_script(const CLI::App& app) {
  std::string names, cases;
  for (const CLI::App* command : commands_of(app)) {
    names += command->get_name() + " ";
    cases += bash_case(*command);
  }
  return "_gradus() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} flags= places=\n"
         "  if ((COMP_CWORD == 1)); then\n"
         "    COMPREPLY=($(compgen -W '" +
         names + with_blanks(flags_of(app)) +
         "' -- \"$word\"))\n"
         "    return\n"
         "  fi\n"
         "  case ${COMP_WORDS[1]} in\n" +
         cases +
         "  esac\n"
         "  if [[ $word == -* ]]; then\n"
         "    COMPREPLY=($(compgen -W \"$flags\" -- \"$word\"))\n"
         "  elif [[ $places ]]; then\n"
         "    COMPREPLY=($(compgen -W \"$places\" -- \"$word\"))\n"
         "  else\n"
         "    local name\n"
         "    word=${word#[\\\"\\']} word=${word//\\\\/}\n"  // compgen wants it without quotes
         "    while IFS= read -r name; do COMPREPLY+=(\"$name\"); done < <(compgen -f -- \"$word\")\n"
         "  fi\n"
         "}\n"
         "complete -o filenames -F _gradus gradus\n";
}

/// As _arguments wants them: '--seed[of the weights]:value:_files'.
std::string zsh_arguments(const CLI::App& app) {
  std::string lines;
  const auto values = [](const std::vector<std::string>& choices) {
    return choices.empty() ? std::string("_files") : "(" + with_blanks(choices) + ")";
  };
  for (const CLI::Option* option : app.get_options())
    for (const std::string& flag : flags_of(*option))
      lines += " \\\n        " +
               shell_quoted(flag + "[" + escaped(option->get_description(), "[]:\\") + "]" +
                            (option->get_expected_max() == 0 ? "" : ":value:" + values(choices_of(*option))));
  return lines + " \\\n        " + shell_quoted("*:file:" + values(placed_choices_of(app)));
}

std::string zsh_script(const CLI::App& app) {
  std::string names, cases;
  for (const CLI::App* command : commands_of(app)) {
    names +=
        " \\\n      " + shell_quoted(command->get_name() + ":" + escaped(command->get_description(), ":\\"));
    cases += "    " + command->get_name() + ") _arguments" + zsh_arguments(*command) + " ;;\n";
  }
  for (const CLI::Option* option : app.get_options())
    for (const std::string& flag : flags_of(*option))
      names += " \\\n      " + shell_quoted(flag + ":" + escaped(option->get_description(), ":\\"));
  return "#compdef gradus\n"
         "_gradus() {\n"
         "  if ((CURRENT == 2)); then\n"
         "    local -a commands=(" +
         names +
         ")\n"
         "    _describe command commands\n"
         "    return\n"
         "  fi\n"
         "  shift words\n"
         "  ((CURRENT--))\n"
         "  case ${words[1]} in\n" +
         cases +
         "  esac\n"
         "}\n"
         "if [[ ${funcstack[1]} == _gradus ]]; then  # it is a file of $fpath, loaded by its name\n"
         "  _gradus \"$@\"\n"
         "else\n"
         "  (($+functions[compdef])) || { autoload -U compinit && compinit }\n"
         "  compdef _gradus gradus\n"
         "fi\n";
}

std::string fish_line(const CLI::App& app, const std::string& when, const CLI::Option& option) {
  std::string line = "complete -c " + app.get_name() + " -n " + when;
  for (const std::string& name : option.get_snames()) line += " -s " + name;
  for (const std::string& name : option.get_lnames()) line += " -l " + name;
  if (option.get_expected_max() != 0) line += " -r";
  if (const auto choices = choices_of(option); !choices.empty())
    line += " -f -a '" + with_blanks(choices) + "'";
  return line + " -d '" + escaped(option.get_description(), "'\\") + "'\n";
}

std::string fish_lines(const CLI::App& app, const std::string& when, const CLI::App& command) {
  std::string lines;
  for (const CLI::Option* option : command.get_options())
    if (!flags_of(*option).empty() || !choices_of(*option).empty()) lines += fish_line(app, when, *option);
  return lines;
}

std::string fish_script(const CLI::App& app) {
  const std::string at_first = "__fish_use_subcommand";
  std::string script = fish_lines(app, at_first, app);
  for (const CLI::App* command : commands_of(app)) {
    script += "complete -c gradus -n " + at_first + " -f -a " + command->get_name() + " -d '" +
              escaped(command->get_description(), "'\\") + "'\n";
    script += fish_lines(app, "'__fish_seen_subcommand_from " + command->get_name() + "'", *command);
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
          "  source <(gradus completion bash)                  in ~/.bashrc; for zsh alike, in ~/.zshrc\n"
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
