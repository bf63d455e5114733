package cmd

// Parses reports what is wrong with a command line, without running it.
func Parses(args []string) error {
	parser, err := newParser(&commands{})
	if err != nil {
		return err
	}
	_, err = parser.Parse(understood(args))
	return err
}
