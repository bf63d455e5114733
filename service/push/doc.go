// Package push sends what no turn says: what an operator sends, and what agents say outside a
// turn. Both take the same way: the parts are stored with their event, and delivery does the rest.
package push
