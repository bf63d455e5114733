package cmd

import (
	"errors"
	"fmt"
	"strings"
)

// rasaFlags are the flags of "rasa run" 3.6 that Manyvox has no use for, or not yet, so that
// its command lines work. See `rasa run --help`.
type rasaFlags struct {
	Model             string `short:"m" hidden:""`
	EnableAPI         bool   `name:"enable-api" hidden:""`
	RemoteStorage     string `hidden:""`
	RequestTimeout    string `hidden:""`
	LoggingConfigFile string `hidden:""`
	UseSyslog         bool   `hidden:""`
	SyslogAddress     string `hidden:""`
	SyslogPort        string `hidden:""`
	SyslogProtocol    string `hidden:""`

	SSLCertificate *string `name:"ssl-certificate" hidden:""`
	SSLKeyfile     *string `name:"ssl-keyfile" hidden:""`
	SSLCAFile      *string `name:"ssl-ca-file" hidden:""`
	SSLPassword    *string `name:"ssl-password" hidden:""`
	JWTSecret      *string `name:"jwt-secret" hidden:""`
	JWTMethod      *string `name:"jwt-method" hidden:""`
	JWTPrivateKey  *string `name:"jwt-private-key" hidden:""`
}

// rasaFlag is one of them and whether it was given.
type rasaFlag struct {
	name  string
	given bool
}

// rasaNotes returns what to say of those that were given and change nothing.
func (f *rasaFlags) rasaNotes() (notes []string) {
	for _, flag := range []rasaFlag{
		{"--model", f.Model != ""},
		{"--enable-api", f.EnableAPI},
		{"--remote-storage", f.RemoteStorage != ""},
		{"--request-timeout", f.RequestTimeout != ""},
		{"--logging-config-file", f.LoggingConfigFile != ""},
		{"--use-syslog", f.UseSyslog},
		{"--syslog-address", f.SyslogAddress != ""},
		{"--syslog-port", f.SyslogPort != ""},
		{"--syslog-protocol", f.SyslogProtocol != ""},
	} {
		if flag.given {
			notes = append(notes, flag.name+" is Rasa's and changes nothing here")
		}
	}
	return notes
}

// validate refuses those that guard: who gives them relies on them.
func (f *rasaFlags) validate() error {
	var errs []error
	for _, flag := range []rasaFlag{
		{"--ssl-certificate", f.SSLCertificate != nil},
		{"--ssl-keyfile", f.SSLKeyfile != nil},
		{"--ssl-ca-file", f.SSLCAFile != nil},
		{"--ssl-password", f.SSLPassword != nil},
	} {
		if flag.given {
			errs = append(errs, fmt.Errorf("%s: not in this version: let a proxy end TLS", flag.name))
		}
	}
	for _, flag := range []rasaFlag{
		{"--jwt-secret", f.JWTSecret != nil},
		{"--jwt-method", f.JWTMethod != nil},
		{"--jwt-private-key", f.JWTPrivateKey != nil},
	} {
		if flag.given {
			errs = append(errs, fmt.Errorf("%s: not in this version: guard channels with token: or --auth-token", flag.name))
		}
	}
	return errors.Join(errs...)
}

// nameModel has "run models/one.tar.gz", as Rasa takes it, name the model by --model.
func nameModel(args []string) []string {
	if len(args) < 2 || args[0] != "run" || !strings.HasSuffix(args[1], ".tar.gz") {
		return args
	}
	return append([]string{"run", "--model"}, args[1:]...)
}
