package main

// helpCommand prints the manual of a command: the same text as COMMAND --help.
type helpCommand struct {
	Command []string `arg:"" optional:"" help:"Command to explain, such as \"serve\" or \"wave create\"."`
}

// Run prints the help text by parsing the command with --help.
func (c *helpCommand) Run(p *program) error {
	var root commands
	parser, err := p.parser(&root)
	if err != nil {
		return err
	}
	if len(c.Command) == 1 && c.Command[0] == "help" {
		c.Command = nil
	}
	_, err = parser.Parse(append(c.Command, "--help"))
	return err
}
