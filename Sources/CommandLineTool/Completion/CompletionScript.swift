import ArgumentParser

/// What a shell reads so that it completes the tool's command lines.
///
/// ArgumentParser's own scripts know neither words that the tool looks up beside files, nor commands after
/// `help`, nor in bash what follows `=` or the second value of an option. These ask the tool, and leave
/// files to the shell, which knows how to quote them.
enum CompletionScript {
  /// The word before an unfinished command line, in place of a command's name.
  static let request = "---complete"

  /// The script that a command line asks for; `nil` where it asks for none, or for that of a shell there
  /// is none for, of which ArgumentParser tells.
  static func requested(by words: [String]) -> String? {
    let option = "--generate-completion-script"
    let words = words.prefix { $0 != "--" }
    guard let place = words.firstIndex(where: { $0 == option || $0.hasPrefix(option + "=") }) else {
      return nil
    }
    let name =
      words[place] == option
      ? words.dropFirst(place + 1).first : String(words[place].dropFirst(option.count + 1))
    let shell = name.map { CompletionShell(rawValue: $0) } ?? CompletionShell.autodetected()
    return shell.flatMap { text(for: $0) }
  }

  /// What stands first in an answer: which files may be completed, by patterns that follow.
  static func answer(_ completion: Completion) -> [String] {
    let files =
      switch completion.files {
      case .none: ["none"]
      case .folders: ["folders"]
      case .matching(let patterns): ["files"] + patterns
      }
    return [files.joined(separator: "\t")]
      + completion.candidates.map { $0.about.isEmpty ? $0.word : "\($0.word)\t\($0.about)" }
  }

  private static func text(for shell: CompletionShell) -> String? {
    switch shell {
    case .bash: bash
    case .zsh: zsh
    case .fish: fish
    default: nil
    }
  }

  private static let bash = #"""
    # Completions of minicnn for bash, which asks the tool for them.
    _minicnn() {
        local rest="${COMP_LINE:0:COMP_POINT}" word i
        local -a words=() answer=() patterns=() found=()
        # Words that bash has split at = or : become one again.
        for ((i = 0; i <= COMP_CWORD; i++)); do
            if ((i == 0)) || [[ "$rest" == [[:blank:]]* ]]; then
                rest="${rest#"${rest%%[![:blank:]]*}"}"
                words+=("")
            fi
            word="${COMP_WORDS[i]}"
            ((i == COMP_CWORD)) && word="$rest"
            words[-1]+="$word"
            rest="${rest#"$word"}"
        done
        # A name behind a quotation mark that is still open.
        words[-1]="${words[-1]//[\"\']/}"
        mapfile -t answer < <("${words[0]/#\~\//"$HOME/"}" \#(request) "${words[@]:1}" 2>/dev/null)

        # Bash puts something in the place of its own word, which may be the last part of ours.
        local last="${words[-1]}" path="${2#--*=}" start
        start="${last%"$2"}"
        for word in "${answer[@]:1}"; do
            word="${word%%$'\t'*}"
            [[ "$word" == "$last"* ]] && COMPREPLY+=("${word#"$start"}")
        done
        if [[ ${#COMPREPLY[@]} == 1 && "${COMPREPLY[0]}" == *= ]]; then
            compopt -o nospace 2>/dev/null
        fi

        [[ "$start" == *: ]] && path="${last#--*=}"
        start="${path%"$2"}"
        IFS=$'\t' read -ra patterns <<<"${answer[0]}"
        case "${patterns[0]}" in
        folders)
            mapfile -t found < <(compgen -d -- "$path")
            ;;
        files)
            mapfile -t found < <(
                compgen -d -- "$path"
                for word in "${patterns[@]:1}"; do compgen -f -X "!$word" -- "$path"; done
            )
            ;;
        *) return ;;
        esac
        compopt -o filenames 2>/dev/null
        for word in "${found[@]}"; do COMPREPLY+=("${word#"$start"}"); done
    }
    complete -F _minicnn minicnn
    """#

  private static let zsh = #"""
    #compdef minicnn
    # Completions of minicnn for zsh, which asks the tool for them.
    _minicnn() {
        local -a answer files plain open shown abouts
        local line word about tool="${${(Q)words[1]}/#\~\//$HOME/}"
        local -i i width ret=1
        answer=("${(@f)$("$tool" \#(request) "${(@)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null)}")

        for line in "${(@)answer[2,-1]}"; do
            word="${line%%$'\t'*}"
            about="${line#"$word"}"
            # A value follows what ends with = at once.
            if [[ "$word" = *= ]]; then
                open+=("$word")
            else
                plain+=("$word")
                abouts+=("${about#$'\t'}")
                [[ "$word" = "$PREFIX"* ]] && (($#word > width)) && width=$#word
            fi
        done
        for ((i = 1; i <= $#plain; i++)); do
            line="${(r:width:)plain[i]}${abouts[i]:+ -- $abouts[i]}"
            shown+=("${line[1,COLUMNS-1]}")
        done
        if [[ -n "${(j::)abouts}" ]]; then
            compadd -V word -l -d shown -a plain && ret=0
        else
            compadd -V word -a plain && ret=0
        fi
        compadd -V word -S '' -a open && ret=0

        files=("${(@ps:\t:)answer[1]}")
        case "$files[1]" in
        folders)
            compset -P '--[^=]##='
            _path_files -/ && ret=0
            ;;
        files)
            compset -P '--[^=]##='
            _path_files -g "${(j: :)files[2,-1]}" && ret=0
            _path_files -/ && ret=0
            ;;
        esac
        return ret
    }
    if [[ "$funcstack[1]" = _minicnn ]]; then
        _minicnn "$@"
    else
        compdef _minicnn minicnn
    fi
    """#

  private static let fish = #"""
    # Completions of minicnn for fish, which asks the tool for them.
    function __minicnn_complete
        set -l words (commandline -opc)
        set -l typed (commandline -ct)
        set -l answer (command $words[1] \#(request) $words[2..] "$typed" 2>/dev/null)
        printf '%s\n' $answer[2..]

        set -l files (string split \t -- "$answer[1]")
        test "$files[1]" = none -o -z "$files[1]"; and return
        set -l start (string match -r -- '^--[^=]*=' "$typed")
        set -l path (string replace -r -- '^--[^=]*=' '' "$typed")
        for file in (complete -C "__minicnn_files $path" | string replace -r '\t.*' '')
            if string match -q -- '*/' $file
                printf '%s\n' "$start$file"
                continue
            end
            for pattern in $files[2..]
                if string match -q -- $pattern $file
                    printf '%s\n' "$start$file"
                    break
                end
            end
        end
    end
    complete -c minicnn -f -k -a '(__minicnn_complete)'
    """#
}
